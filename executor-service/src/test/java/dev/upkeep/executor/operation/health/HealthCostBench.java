package dev.upkeep.executor.operation.health;

import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import dev.upkeep.local.server.LocalPostgres;
import dev.upkeep.local.server.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a health check costs on 2,000 tables and 5,000 indexes, beside Debian's {@code prometheus-postgres-exporter} and {@code check_postgres} on the same
 * database. No part of the suite; {@code -Dtest=HealthCostBench -Dupkeep.bench.rivals=<folder with usr/bin of both>} runs it.
 */
class HealthCostBench {
    private static final int RUNS = 15;
    private static final List<String> ACTIONS = List.of(
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
            "settings_checksum",
            "wal_files");

    private interface Work {
        void run() throws Exception;
    }

    @Test
    void compares() throws Exception {
        Path folder = Files.createTempDirectory("upkeep-health-cost-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (LocalPostgres server =
                PostgresFixture.setup(folder.resolve("server")).start()) {
            server.address().createDatabase("large");
            PostgresFixture large = PostgresFixture.on(server.address(), "large");
            for (int at = 0; at < 2_000; at += 200) {
                large.sql("""
                        DO $$ BEGIN FOR i IN %d..%d LOOP
                          EXECUTE format('CREATE TABLE t%%1$s (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, b text, at timestamptz)', i);
                          EXECUTE format('CREATE INDEX ON t%%1$s (a)', i);
                          IF i %% 2 = 0 THEN EXECUTE format('CREATE INDEX ON t%%1$s (at)', i); END IF;
                          EXECUTE format('INSERT INTO t%%1$s (a, b, at) SELECT g, md5(g::text), now() FROM generate_series(1, 50) g', i);
                        END LOOP; END $$
                        """.formatted(at + 1, at + 200));
            }
            large.sql("VACUUM ANALYZE");
            System.out.println("indexes: "
                    + large.value("SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
                            + " WHERE c.relname LIKE 't%' AND c.relnamespace = 'public'::regnamespace"));
            PostgresHealth health = new PostgresHealth(ExecutorThresholds.none(), new HealthMemory());
            double ours = median("health-check, all checks", () -> {
                Done done = large.perform(health, HealthCheck.quick());
                if (!done.outcome().isGood()) {
                    throw new IllegalStateException(done.toString());
                }
            });
            Optional<Path> rivals = Optional.ofNullable(System.getProperty("upkeep.bench.rivals"))
                    .map(Path::of);
            if (rivals.isPresent()) {
                double exporter = exporter(rivals.get(), server);
                System.out.printf("the exporter's scrape takes %.2f times as long%n", exporter / ours);
                double checks = checks(rivals.get(), server, folder);
                System.out.printf("check_postgres takes %.1f times as long%n", checks / ours);
            }
        } finally {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    private static double median(String what, Work work) throws Exception {
        double[] times = new double[RUNS];
        double first = 0;
        for (int i = -5; i < RUNS; i++) {
            long begin = System.nanoTime();
            work.run();
            double took = (System.nanoTime() - begin) / 1e6;
            if (i >= 0) {
                times[i] = took;
            } else if (i == -5) {
                first = took;
            }
        }
        Arrays.sort(times);
        System.out.printf(
                "%s: median %.0f ms, fastest %.0f, slowest %.0f, first %.0f%n",
                what, times[RUNS / 2], times[0], times[RUNS - 1], first);
        return times[RUNS / 2];
    }

    private static double exporter(Path rivals, LocalPostgres server) throws Exception {
        int port = Ports.free();
        ProcessBuilder builder = new ProcessBuilder(
                        rivals.resolve("usr/bin/prometheus-postgres-exporter").toString(),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment()
                .put(
                        "DATA_SOURCE_NAME",
                        "postgresql://" + server.address().user() + ":"
                                + server.address().password() + "@127.0.0.1:"
                                + server.address().port() + "/large?sslmode=disable");
        Process process = builder.start();
        try {
            HttpClient http = HttpClient.newHttpClient();
            HttpRequest scrape = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                    .build();
            org.awaitility.Awaitility.await()
                    .ignoreExceptions()
                    .until(() -> http.send(scrape, HttpResponse.BodyHandlers.ofString())
                            .body()
                            .contains("pg_up 1"));
            return median(
                    "prometheus-postgres-exporter, one scrape",
                    () -> http.send(scrape, HttpResponse.BodyHandlers.ofString()));
        } finally {
            process.destroy();
        }
    }

    private static double checks(Path rivals, LocalPostgres server, Path folder) throws Exception {
        long begin = System.nanoTime();
        int answered = 0;
        for (String action : ACTIONS) {
            List<String> command = new ArrayList<>(List.of(
                    "perl",
                    rivals.resolve("usr/bin/check_postgres").toString(),
                    "--action=" + action,
                    "--host=127.0.0.1",
                    "--port=" + server.address().port(),
                    "--dbuser=" + server.address().user(),
                    "--dbname=large",
                    "--PSQL=" + server.bin().resolve("psql")));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("check.log").toFile());
            builder.environment().put("PGPASSWORD", server.address().password());
            if (builder.start().waitFor() <= 2 && says(folder.resolve("check.log"))) {
                answered++;
            }
        }
        double took = (System.nanoTime() - begin) / 1e6;
        System.out.printf("check_postgres, %d of %d actions answered: %.0f ms%n", answered, ACTIONS.size(), took);
        return took;
    }

    private static boolean says(Path log) throws IOException {
        return Files.readString(log).startsWith("POSTGRES_");
    }
}
