package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.task.Backup;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.local.server.TestServers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Databases with what backups tend to lose. */
final class AwkwardContent {
    private AwkwardContent() {}

    /** A new PostgreSQL database filled with it, and backed up. */
    static PostgresDatabase backedUp(Backups backups) throws Exception {
        String name = TestServers.newDatabase("awkward");
        fillPostgres(name, TestServers.unique("reader"));
        PostgresDatabase database =
                PostgresBackupTest.database(name, TestServers.postgres().password());
        new PostgresBackup(backups, backups.taking())
                .perform(Backups.order(Backup.byDefault()), database, new FreeAttempt());
        return database;
    }

    /** Fills a PostgreSQL database; makes a role of this name. */
    static void fillPostgres(String database, String role) throws SQLException {
        TestServers.postgres()
                .execute(
                        database,
                        "CREATE ROLE " + role,
                        "CREATE SCHEMA \"other schema\"",
                        "CREATE TYPE mood AS ENUM ('sad', 'glad')",
                        "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
                        "CREATE TABLE event (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL, amount numeric,"
                                + " twice numeric GENERATED ALWAYS AS (amount * 2) STORED, PRIMARY KEY (id, at))"
                                + " PARTITION BY RANGE (at)",
                        "CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
                        "CREATE TABLE event_rest PARTITION OF event DEFAULT",
                        "INSERT INTO event (at, amount) SELECT timestamptz '2025-06-01' + i * interval '1 day', i"
                                + " FROM generate_series(1, 400) i",
                        "INSERT INTO event (at, amount) VALUES ('infinity', 'NaN'), ('2026-03-29 02:30+02', NULL)",
                        "CREATE TABLE \"other schema\".\"Odd \"\"Name\"\"\" (\"a b\" text, c bytea, d int[], e jsonb, f mood, g positive)",
                        "INSERT INTO \"other schema\".\"Odd \"\"Name\"\"\" VALUES (E'tab\\t newline\\n \\\\. back\\\\slash', '\\x00ff', '{1,NULL,3}',"
                                + " '{\"k\": \"\\u00e4\"}', 'glad', 7), (E'\\\\.', NULL, NULL, NULL, NULL, NULL), ('', '', '{}', '{}', NULL, NULL)",
                        "CREATE FUNCTION talkative() RETURNS text LANGUAGE sql AS $$ SELECT 'x'::text;\n--\nSELECT $q$\nCOPY public.event FROM stdin;\n1\n\\.\n$q$ $$",
                        "CREATE VIEW recent AS SELECT * FROM event WHERE at > '2026-01-01'",
                        "CREATE MATERIALIZED VIEW monthly AS SELECT date_trunc('month', at) m, count(*) n FROM event GROUP BY 1",
                        "CREATE SEQUENCE counter START 17",
                        "SELECT nextval('counter'), nextval('counter')",
                        "SELECT lo_from_bytea(0, convert_to(repeat('large object ', 20000), 'UTF8'))",
                        "CREATE UNLOGGED TABLE scratch AS SELECT 1 AS one",
                        "CREATE TABLE secured (id int PRIMARY KEY, owner text)",
                        "INSERT INTO secured VALUES (1, 'me')",
                        "ALTER TABLE secured ENABLE ROW LEVEL SECURITY",
                        "CREATE POLICY mine ON secured TO " + role + " USING (owner = current_user)",
                        "GRANT SELECT ON secured, event TO " + role,
                        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO " + role,
                        "ALTER TABLE secured OWNER TO " + role,
                        "COMMENT ON TABLE secured IS E'a ''comment''\\nin two lines'",
                        "CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                        "CREATE TRIGGER touch BEFORE UPDATE ON secured FOR EACH ROW EXECUTE FUNCTION touched()",
                        "ALTER TABLE secured DISABLE TRIGGER touch");
        for (String extension : List.of("hstore", "citext", "pg_trgm")) {
            TestServers.postgres()
                    .execute(
                            database,
                            "DO $$ BEGIN IF EXISTS (SELECT FROM pg_available_extensions WHERE name = '" + extension
                                    + "') THEN CREATE EXTENSION " + extension + "; END IF; END $$");
        }
    }

    /** Makes a SQLite database. */
    static void fillSqlite(Path file) throws SQLException {
        try (Connection connection = SqliteBackupTest.open(file);
                Statement statement = connection.createStatement()) {
            for (String sql : List.of(
                    "PRAGMA journal_mode = wal",
                    "PRAGMA user_version = 42",
                    "PRAGMA application_id = 4711",
                    "CREATE TABLE pair (k TEXT, v BLOB, PRIMARY KEY (k)) WITHOUT ROWID",
                    "INSERT INTO pair VALUES ('ä\"''', x'00ff'), ('empty', x''), ('null', NULL)",
                    "CREATE TABLE \"odd \"\"name\" (id INTEGER PRIMARY KEY AUTOINCREMENT, n INT, d INT AS (n * 2) STORED)",
                    "INSERT INTO \"odd \"\"name\" (n) VALUES (1), (9223372036854775807 / 4), (NULL)",
                    "DELETE FROM \"odd \"\"name\" WHERE n = 1",
                    "CREATE VIRTUAL TABLE page USING fts5(title, body)",
                    "INSERT INTO page VALUES ('one', 'the quick brown fox'), ('two', 'a lazy dog')",
                    "CREATE VIEW doubled AS SELECT d FROM \"odd \"\"name\"",
                    "CREATE TABLE log (what TEXT)",
                    "CREATE TRIGGER noted AFTER INSERT ON pair BEGIN INSERT INTO log VALUES (new.k); END",
                    "CREATE INDEX part ON pair (v) WHERE v IS NOT NULL",
                    "INSERT INTO pair VALUES ('late', 'x')")) {
                statement.execute(sql);
            }
        }
    }
}
