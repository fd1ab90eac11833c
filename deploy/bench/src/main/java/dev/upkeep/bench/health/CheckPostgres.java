package dev.upkeep.bench.health;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

    /** Limits of those actions that have none of their own. */
    private static final Map<String, List<String>> LIMITS = Map.of(
            "txn_idle", List.of("--warning=300s", "--critical=900s"),
            "query_time", List.of("--warning=300s", "--critical=3600s"),
            "database_size", List.of("--warning=1TB", "--critical=2TB"),
            "table_size", List.of("--warning=1TB", "--critical=2TB"),
            "index_size", List.of("--warning=1TB", "--critical=2TB"),
            "replication_slots", List.of("--warning=1GB", "--critical=5GB"));

    /** Runs one action; its time in milliseconds, or NaN if it did not answer. */
    double run(String action) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "perl",
                rivals.checks().toString(),
                "--action=" + action,
                "--host=127.0.0.1",
                "--port=" + server.port(),
                "--dbuser=" + Server.CHECKER,
                "--dbname=" + Server.DATABASE));
        command.addAll(LIMITS.getOrDefault(action, List.of()));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
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
