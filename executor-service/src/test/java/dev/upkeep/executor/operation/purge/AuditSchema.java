package dev.upkeep.executor.operation.purge;

import java.sql.SQLException;

/** The ten tables of a pipeline engine's audit database; two of the references are not declared by the schema. */
final class AuditSchema {
    static final String[] LINKS = {"checkpoints(run_id) -> runs(run_id)", "token_outcomes(run_id) -> runs(run_id)"};

    private AuditSchema() {}

    static void create(Site site) throws SQLException {
        site.execute(
                "CREATE TABLE runs (run_id ${id}, started_at ${time}, completed_at ${time}, status TEXT, config TEXT)",
                "CREATE TABLE rows (row_id ${id}, run_id ${big} NOT NULL REFERENCES runs, body TEXT)",
                "CREATE TABLE nodes (node_id ${id}, run_id ${big} NOT NULL REFERENCES runs ON DELETE CASCADE)",
                "CREATE TABLE edges (edge_id ${id}, run_id ${big} NOT NULL REFERENCES runs, source ${big} REFERENCES nodes, target ${big} REFERENCES nodes)",
                "CREATE TABLE artifacts (artifact_id ${id}, run_id ${big} REFERENCES runs ON DELETE RESTRICT)",
                "CREATE TABLE checkpoints (checkpoint_id ${id}, run_id ${big})",
                "CREATE TABLE token_outcomes (outcome_id ${id}, run_id ${big})",
                "CREATE TABLE tokens (token_id ${id}, row_id ${big} NOT NULL REFERENCES rows, branch_name TEXT)",
                "CREATE TABLE node_states (state_id ${id}, token_id ${big} NOT NULL REFERENCES tokens)",
                "CREATE TABLE routing_events (event_id ${id}, state_id ${big} NOT NULL REFERENCES node_states)",
                "CREATE INDEX runs_time ON runs (started_at)",
                "CREATE INDEX rows_run ON rows (run_id)",
                "CREATE INDEX nodes_run ON nodes (run_id)",
                "CREATE INDEX edges_run ON edges (run_id)",
                "CREATE INDEX tokens_row ON tokens (row_id)",
                "CREATE INDEX states_token ON node_states (token_id)",
                "CREATE INDEX events_state ON routing_events (state_id)");
        for (int i = 0; i < LINKS.length; i++) {
            site.with("databases.app.links[" + i + "]", LINKS[i]);
        }
    }

    /** One run with a row of everything, all with ids made of the run's. */
    static void run(Site site, int id, String startedAt) throws SQLException {
        site.execute(
                "INSERT INTO runs VALUES (" + id + ", '" + startedAt + "', NULL, 'completed', '{}')",
                "INSERT INTO rows VALUES (" + id + "1, " + id + ", 'a'), (" + id + "2, " + id + ", 'b')",
                "INSERT INTO nodes VALUES (" + id + "1, " + id + "), (" + id + "2, " + id + ")",
                "INSERT INTO edges VALUES (" + id + ", " + id + ", " + id + "1, " + id + "2)",
                "INSERT INTO artifacts VALUES (" + id + ", " + id + ")",
                "INSERT INTO checkpoints VALUES (" + id + ", " + id + ")",
                "INSERT INTO token_outcomes VALUES (" + id + ", " + id + ")",
                "INSERT INTO tokens VALUES (" + id + "1, " + id + "1, 'x'), (" + id + "2, " + id + "2, 'y')",
                "INSERT INTO node_states VALUES (" + id + "1, " + id + "1), (" + id + "2, " + id + "2)",
                "INSERT INTO routing_events VALUES (" + id + "1, " + id + "1), (" + id + "2, " + id + "2)");
    }
}
