package dev.upkeep.bench.health;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The actions of {@code check_postgres} that look at what a health check looks at, one process each, as monitoring systems run them. */
record CheckPostgres(Rivals rivals, Server server, Path log) {
    static final List<String> ACTIONS = List.of(
            "connection",
            "backends",
            "txn_idle",
            "query_time",
            "locks",
            "bloat",
            "last_vacuum",
            "last_analyze",
            "txn_wraparound",
            "autovac_freeze",
            "sequence",
            "hitratio",
            "commitratio",
            "database_size",
            "table_size",
            "index_size",
            "prepared_txns",
            "disabled_triggers",
            "wal_files",
            "replication_slots");

    /** Runs one action; its time in milliseconds, or NaN if it did not answer. */
    double run(String action) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        "perl",
                        rivals.checks().toString(),
                        "--action=" + action,
                        "--host=127.0.0.1",
                        "--port=" + server.port(),
                        "--dbuser=" + Server.CHECKER,
                        "--dbname=" + Server.DATABASE)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment()
                .putAll(Map.of(
                        "PGPASSWORD",
                        Server.PASSWORD,
                        "LC_ALL",
                        "C",
                        "PATH",
                        server.programs() + ":" + System.getenv("PATH")));
        long begin = System.nanoTime();
        int status = builder.start().waitFor();
        double took = (System.nanoTime() - begin) / 1e6;
        String said = Files.readString(log);
        boolean answers = status <= 2 && said.startsWith("POSTGRES_") && !said.contains("ERROR: ");
        return answers ? took : Double.NaN;
    }
}
