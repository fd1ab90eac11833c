package dev.upkeep.bench.replay;

import dev.upkeep.bench.report.Benchmark;
import dev.upkeep.bench.report.Options;
import dev.upkeep.bench.report.Sheet;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.local.server.LocalBroker;
import dev.upkeep.local.server.Scratch;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/**
 * How fast the packaged reporter takes in a backlog of results from a real broker, how large it and its history become, and how fast
 * its API answers on that history. Beside it the least that any such program must do: the same bytes from the same topic into one
 * SQLite table.
 *
 * <p>With {@code --only fill} and then {@code --only replay} and the same {@code --folder}, filling the topic is no part of what is
 * measured later.
 */
public final class ReplayBenchmark implements Benchmark {
    private static final int DATABASES = 200;
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);
    private static final Duration STALLED = Duration.ofMinutes(2);

    @Override
    public String purpose() {
        return "the reporter's intake and API on a backlog (--results 1_000_000 --heap 128 --folder F --only fill|replay)";
    }

    @Override
    public void run(Options options, PrintStream out) throws Exception {
        String given = options.text("folder", "");
        Path folder = given.isEmpty() ? Files.createTempDirectory("upkeep-replay-") : Path.of(given);
        String only = options.text("only", "");
        Backlog backlog = new Backlog(
                options.number("results", 1_000_000),
                DATABASES,
                Instant.now().minus(Duration.ofDays(30)).truncatedTo(java.time.temporal.ChronoUnit.HOURS));
        Files.createDirectories(folder);
        try (LocalBroker broker = LocalBroker.in(folder.resolve("kafka")).start()) {
            ResultsTopic topic = new ResultsTopic(
                    new KafkaSettings(broker.bootstrapServers(), Topics.DEFAULT, "upkeep-bench", Map.of()));
            if (!only.equals("replay")) {
                long start = System.nanoTime();
                long records = topic.fill(backlog);
                out.printf(Locale.ROOT, "%,d records published in %.0f s%n", records, seconds(start));
            }
            if (!only.equals("fill")) {
                replay(options, topic, Files.createTempDirectory(folder, "history-"), out);
            }
        } finally {
            if (given.isEmpty()) {
                Scratch.delete(folder);
            }
        }
    }

    private void replay(Options options, ResultsTopic topic, Path folder, PrintStream out) throws Exception {
        Path home = Path.of(System.getProperty("upkeep.home", "."));
        Sheet sheet = new Sheet("a backlog into SQLite")
                .column("records/s", "bytes only")
                .column("MiB", "bytes only");
        try (Admin admin = Admin.create(topic.settings().admin());
                ReporterProcess reporter = ReporterProcess.start(
                        home, folder, topic.settings().bootstrap(), options.number("heap", 128))) {
            long end = topic.end(admin);
            double rate = follow(topic, admin, reporter, end, out);
            sheet.row("the reporter", rate, megabytes(folder));
            try (Connection history = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("history.db"))) {
                check(history, options.number("results", 1_000_000), out);
            }
            ask(reporter, out);
        }
        Path plain = Files.createDirectory(folder.resolve("plain"));
        double rate = new PlainCopy(topic.settings(), topic.name()).run(plain);
        sheet.row("bytes only", rate, megabytes(plain));
        sheet.print(out);
        Scratch.delete(folder);
    }

    /** Waits until all is recorded; returns records per second from the first to the last. */
    private static double follow(ResultsTopic topic, Admin admin, ReporterProcess reporter, long end, PrintStream out)
            throws Exception {
        long recorded = 0;
        long before = 0;
        long start = System.nanoTime();
        long moved = start;
        int tenth = 0;
        double peak = 0;
        while (recorded < end) {
            LockSupport.parkNanos(LOOK_EVERY.toNanos());
            before = recorded;
            recorded = topic.recorded(admin);
            if (recorded == 0) {
                start = System.nanoTime();
            }
            moved = recorded > before ? System.nanoTime() : moved;
            if (!reporter.isAlive() || System.nanoTime() - moved > STALLED.toNanos()) {
                throw new IllegalStateException(
                        "the reporter stopped at record " + recorded + ": " + reporter.logTail());
            }
            double resident = reporter.residentMegabytes();
            peak = Math.max(peak, resident);
            if (recorded * 10 / end > tenth) {
                tenth = (int) (recorded * 10 / end);
                out.printf(
                        Locale.ROOT,
                        "%,d records after %.0f s, %.0f/s; resident %.0f MiB, highest %.0f MiB%n",
                        recorded,
                        seconds(start),
                        recorded / seconds(start),
                        resident,
                        peak);
            }
        }
        return end / seconds(start);
    }

    /** Whether the history has every result once, and its sum as well. */
    private static void check(Connection history, long results, PrintStream out) throws SQLException {
        long kept = number(history, "SELECT count(*) FROM result");
        long counted = number(
                history, "SELECT CAST(sum(value) AS INTEGER) FROM series WHERE name = '" + Backlog.COUNTED + "'");
        long samples = number(history, "SELECT count(*) FROM sample");
        long findings = number(history, "SELECT count(*) FROM finding");
        out.printf(
                Locale.ROOT,
                "history: %,d results of %,d published, counted %,d; %,d samples, %,d episodes of findings%n",
                kept,
                results,
                counted,
                samples,
                findings);
        if (kept != results || counted != results) {
            throw new IllegalStateException("results were lost or counted twice");
        }
    }

    private static long number(Connection history, String sql) throws SQLException {
        try (Statement statement = history.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    private static void ask(ReporterProcess reporter, PrintStream out) throws Exception {
        Map<String, String> questions = new TreeMap<>();
        questions.put("newest 100 results", "/api/results");
        questions.put("newest 100 of a database", "/api/results?database=host3/db37");
        questions.put("newest 100 failed", "/api/results?outcome=failed");
        questions.put(
                "results of one day",
                "/api/results?limit=50&until=" + Instant.now().minus(Duration.ofDays(20)));
        questions.put("open findings", "/api/findings");
        questions.put("findings of a database, ended too", "/api/findings?ended=true&database=host3/db37");
        questions.put("a database", "/api/databases/host3/db37");
        questions.put("databases", "/api/databases");
        questions.put("backups", "/api/backups");
        questions.put("alerts", "/api/alerts");
        questions.put("runs", "/api/runs");
        questions.put(
                "trend over 30 days",
                "/api/trends?database=host3/db37&name=database_size&since="
                        + Instant.now().minus(Duration.ofDays(30)));
        questions.put("a scrape", "/metrics");
        Sheet sheet = new Sheet("answers over HTTP, ms")
                .column("median")
                .column("p99")
                .column("KiB");
        for (Map.Entry<String, String> question : questions.entrySet()) {
            List<Double> times = new ArrayList<>();
            int status = 200;
            long bytes = 0;
            for (int i = 0; i < 120; i++) {
                long start = System.nanoTime();
                var answer = reporter.get(question.getValue());
                if (i >= 20) {
                    times.add((System.nanoTime() - start) / 1e6);
                }
                status = answer.statusCode();
                bytes = answer.body().length();
            }
            double[] sorted = times.stream().mapToDouble(Double::doubleValue).toArray();
            Arrays.sort(sorted);
            String name = question.getKey() + (status == 200 ? "" : " (status " + status + ")");
            sheet.row(name, sorted[sorted.length / 2], sorted[sorted.length - 1 - sorted.length / 100], bytes / 1024.0);
        }
        sheet.print(out);
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static double megabytes(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("history.db"))
                            .mapToLong(file -> file.toFile().length())
                            .sum()
                    / 1_048_576.0;
        }
    }
}
