package dev.upkeep.bench.health;

import dev.upkeep.bench.load.ResidentExecutor;
import dev.upkeep.bench.report.Benchmark;
import dev.upkeep.bench.report.Options;
import dev.upkeep.bench.report.Sheet;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.local.server.Scratch;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A health check by the resident executor, a scrape of the resident exporter and actions of {@code check_postgres} on the same database. Checks
 * and scrapes take turns, with a write of the application before each; a check's time is the task's in its result, from connecting
 * to the last finding.
 */
public final class HealthBench implements Benchmark {
    private static final String EXPORTER = "prometheus-postgres-exporter, a scrape with its defaults (no tables)";
    private static final String TABLES_EXPORTER =
            "the same with the queries.yaml of its package (tables, no indexes or sequences)";
    private static final String HOURLY = "Upkeep, the one an hour that reads all sequences";
    private static final DatabaseId LARGE = new DatabaseId(Server.DATABASE);
    private static final int WARM_UP = 5;

    @Override
    public String purpose() {
        return "health checks of PostgreSQL beside Debian's exporter and check_postgres (--tables 2000 --runs 15 --statements 8, how many of our"
                + " costliest are shown, --rivals <folder with their usr/bin>, downloaded by apt-get if absent, --jvm <options>)";
    }

    @Override
    public void run(Options options, PrintStream out) throws Exception {
        Path folder = Files.createTempDirectory("upkeep-bench-health-");
        try {
            Rivals rivals = Rivals.find(options, folder.resolve("packages"));
            String jvm = options.text("jvm", "");
            try (Server server = new Server(folder.resolve("server"), options.number("tables", 2_000));
                    ResidentExecutor executor =
                            server.executor(jvm.isEmpty() ? List.of() : List.of(jvm.split(" ", -1)));
                    Exporter exporter = new Exporter(rivals, server, Server.EXPORTER, folder.resolve("exporter.log"));
                    Exporter more = new Exporter(
                            rivals,
                            server,
                            Server.TABLES_EXPORTER,
                            folder.resolve("tables-exporter.log"),
                            "--extend.query-path=" + rivals.queries())) {
                compare(new Contenders(server, executor, exporter, more, rivals), options, out);
            }
        } finally {
            Scratch.delete(folder);
        }
    }

    private record Contenders(
            Server server, ResidentExecutor executor, Exporter exporter, Exporter tables, Rivals rivals) {}

    private static void compare(Contenders all, Options options, PrintStream out) throws Exception {
        Server server = all.server();
        ResidentExecutor executor = all.executor();
        TaskResult last = executor.run(LARGE, HealthCheck.quick());
        double first = millis(last);
        for (int i = 0; i < WARM_UP; i++) {
            executor.run(LARGE, HealthCheck.quick());
            all.exporter().scrape();
            all.tables().scrape();
        }
        int runs = options.number("runs", 15);
        double[] ours = new double[runs];
        double[] scrapes = new double[runs];
        double[] tables = new double[runs];
        server.forget();
        for (int i = 0; i < runs; i++) {
            server.write();
            last = executor.run(LARGE, HealthCheck.quick());
            ours[i] = millis(last);
            server.write();
            scrapes[i] = all.exporter().scrape();
            server.write();
            tables[i] = all.tables().scrape();
        }
        Sheet sheet = new Sheet(server.inWords())
                .column("median ms", EXPORTER)
                .column("fastest ms", EXPORTER)
                .column("slowest ms")
                .column("statements")
                .column("in the server ms", EXPORTER);
        Arrays.sort(ours);
        Arrays.sort(scrapes);
        Arrays.sort(tables);
        row(sheet, "Upkeep, health-check with all checks", ours, server, Server.UPKEEP);
        row(sheet, EXPORTER, scrapes, server, Server.EXPORTER);
        row(sheet, TABLES_EXPORTER, tables, server, Server.TABLES_EXPORTER);
        double[] hourly = new double[runs];
        for (int i = 0; i < runs; i++) {
            server.write();
            hourly[i] = millis(executor.run(LARGE, readingAllSequences(i)));
        }
        Arrays.sort(hourly);
        sheet.row(HOURLY, hourly[runs / 2], hourly[0], hourly[runs - 1], Double.NaN, Double.NaN);
        List<String> costliest = server.costliest(Server.UPKEEP, options.number("statements", 8));
        checks(new CheckPostgres(all.rivals(), server, Files.createTempFile("upkeep-bench-", ".log")), server, sheet);
        sheet.print(out);
        out.println();
        out.printf("Our first check after the start took %.0f ms. The last one: %s%n", first, said(last));
        out.println("Our costliest statements, each per call:");
        costliest.forEach(line -> out.println("    " + line));
    }

    /** By a limit that no check had before, so that what is known of sequences from earlier checks does not count. */
    private static HealthCheck readingAllSequences(int turn) {
        double limit = 0.74 - turn / 1e6;
        return new HealthCheck(
                Optional.empty(),
                Map.of("sequence-used", new HealthCheck.Limits(Optional.of(limit), Optional.empty())));
    }

    private static void row(Sheet sheet, String name, double[] times, Server server, String role) throws Exception {
        int runs = times.length;
        sheet.row(
                name,
                times[runs / 2],
                times[0],
                times[runs - 1],
                server.statements(role) / runs,
                server.millis(role) / runs);
    }

    private static void checks(CheckPostgres checks, Server server, Sheet sheet) throws Exception {
        double all = 0;
        int answered = 0;
        for (String action : CheckPostgres.ACTIONS) {
            double took = checks.run(action);
            if (!Double.isNaN(took)) {
                all += took;
                answered++;
            }
            if (action.equals("bloat")) {
                sheet.row("check_postgres, bloat alone", took, took, took, Double.NaN, Double.NaN);
            }
        }
        Files.delete(checks.log());
        sheet.row(
                "check_postgres, " + answered + " of " + CheckPostgres.ACTIONS.size() + " actions",
                all,
                all,
                all,
                server.statements(Server.CHECKER),
                server.millis(Server.CHECKER));
    }

    private static double millis(TaskResult result) {
        return Duration.between(
                                result.startedAt().orElseThrow(),
                                result.endedAt().orElseThrow())
                        .toNanos()
                / 1e6;
    }

    private static String said(TaskResult result) {
        return result.findings().size() + " findings, " + result.measurements().size() + " measurements, report "
                + result.report().map(Object::toString).orElse("none");
    }
}
