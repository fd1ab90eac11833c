package dev.upkeep.reporter.intake;

import static dev.upkeep.reporter.Messages.AT;
import static dev.upkeep.reporter.Messages.finding;
import static dev.upkeep.reporter.Messages.result;
import static dev.upkeep.reporter.Messages.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.measurement.SeriesRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many results from records to history, out of order and in part twice. The number is small in the usual run;
 * {@code -Dupkeep.replay=1000000} gives the figures of docs/reporter.md.
 */
class ReplayTest {
    private static final int RESULTS = Integer.getInteger("upkeep.replay", 5_000);
    private static final int DATABASES = 200;
    private static final int BATCH = 1_000;
    private static final int BATCHES = 16;

    @TempDir
    Path folder;

    @Test
    void recordsManyResultsOnceEachAndAnswersAboutThem() throws IOException {
        try (History history =
                History.open("jdbc:sqlite:" + folder.resolve("history.db"), Optional.empty(), Optional.empty())) {
            Recorder recorder = new Recorder(
                    history,
                    new SeriesRows(100_000, 200),
                    Clock.fixed(AT.plus(Duration.ofDays(4_000)), ZoneOffset.UTC));
            Reading reading = new Reading(Topics.DEFAULT);
            Random random = new Random(3);

            long nanos = 0;
            int recorded = 0;
            for (int from = 0; from < RESULTS; from += BATCH * BATCHES) {
                List<List<ConsumerRecord<String, byte[]>>> backlog = new ArrayList<>();
                for (int batch = from; batch < Math.min(from + BATCH * BATCHES, RESULTS); batch += BATCH) {
                    backlog.add(records(batch, Math.min(batch + BATCH, RESULTS), random));
                }
                long start = System.nanoTime();
                recorded += recorder.record(backlog.stream()
                        .map(records -> reading.read(records, Map.of()))
                        .iterator());
                nanos += System.nanoTime() - start;
            }
            say(history, nanos);

            assertThat(recorded).isEqualTo(RESULTS);
            assertThat(number(history, "SELECT count(*) FROM result")).isEqualTo(RESULTS);
            assertThat(number(history, "SELECT sum(value) FROM series WHERE name = 'looks'"))
                    .isEqualTo(RESULTS);
        }
    }

    /** A shuffled stretch of results, every tenth of them twice. */
    private static List<ConsumerRecord<String, byte[]>> records(int from, int to, Random random) {
        List<byte[]> values = new ArrayList<>();
        for (int i = from; i < to; i++) {
            byte[] value = Wire.write(sample(i));
            values.add(value);
            if (i % 10 == 0) {
                values.add(value);
            }
        }
        Collections.shuffle(values, random);
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            records.add(new ConsumerRecord<>(
                    "upkeep.results",
                    0,
                    2L * from + i,
                    0L,
                    TimestampType.CREATE_TIME,
                    0,
                    values.get(i).length,
                    "key",
                    values.get(i),
                    new RecordHeaders(),
                    Optional.empty()));
        }
        return records;
    }

    /** What executors send most: quick health checks; one in 20 a backup, one in 40 a purge. */
    private static Result sample(int i) {
        String database = "host" + i % DATABASES / 10 + "/db" + i % DATABASES;
        int round = i / DATABASES;
        Instant at = AT.plusSeconds(300L * round);
        Outcome outcome = i % 97 == 0 ? Outcome.FAILED : Outcome.SUCCEEDED;
        if (i % 40 == 13) {
            return result("cleanup", database, task("purge", outcome, at, List.of(), purged(i)), at);
        }
        if (i % 20 == 3) {
            return result("nightly", database, task("backup", outcome, at, List.of(), backedUp(i)), at);
        }
        return result("watch", database, task("health-check", outcome, at, findings(i, round), looked(i)), at);
    }

    private static List<Finding> findings(int i, int round) {
        List<Finding> findings = new ArrayList<>();
        if ((i + round / 50) % 3 == 0) {
            findings.add(finding("dead-rows", Severity.WARNING, "events", i % 100 + " %"));
        }
        if ((i + round / 80) % 5 == 0) {
            findings.add(finding("stale-leases", Severity.WARNING, "task_queue", Integer.toString(i % 50)));
        }
        return findings;
    }

    private static List<Measurement> looked(int i) {
        Map<String, String> path = Map.of("path", "/var/lib/databases");
        return List.of(
                Measurement.gauge("round_trip", "seconds", 0.001 + i % 1_000 / 1e6),
                Measurement.gauge("database_size", "bytes", 8_736_768.0 + 4_096.0 * i),
                Measurement.gauge("freelist_size", "bytes", 4_096.0 * (i % 77)),
                Measurement.gauge("wal_size", "bytes", 4_096.0 * (i % 997)),
                Measurement.gauge("write_lock_held", "ratio", i % 100 / 100.0),
                Measurement.gauge("disk_used", "ratio", 0.5 + i % 1_000 / 1e4, path),
                Measurement.gauge("disk_free", "bytes", 8.3e10 - 4_096.0 * i, path),
                Measurement.gauge("table_size", "bytes", 1e8 + i, Map.of("table", "events")),
                Measurement.gauge("health_findings", "count", i % 2, Map.of("severity", "warning")),
                Measurement.count("looks", "looks", 1, Map.of()));
    }

    private static List<Measurement> backedUp(int i) {
        return List.of(
                Measurement.gauge("backup_size", "bytes", 1e8 + i),
                Measurement.gauge("backup_source_size", "bytes", 9e8 + i),
                Measurement.gauge("backup_duration", "seconds", 10 + i % 7),
                Measurement.gauge("backup_count", "backups", 7),
                Measurement.count("looks", "looks", 1, Map.of()));
    }

    private static List<Measurement> purged(int i) {
        return List.of(
                Measurement.count("purge_deleted", "rows", i % 5_000, Map.of("table", "events")),
                Measurement.gauge("purge_duration", "seconds", 10 + i % 7),
                Measurement.count("looks", "looks", 1, Map.of()));
    }

    private void say(History history, long nanos) throws IOException {
        long bytes;
        try (Stream<Path> files = Files.list(folder)) {
            bytes = files.mapToLong(file -> file.toFile().length()).sum();
        }
        Runtime memory = Runtime.getRuntime();
        System.gc();
        System.out.printf(
                Locale.ROOT,
                "replay: %d results in %.1f s, %.0f/s; history %.1f MiB, %.0f bytes per result; heap in use %.0f MiB%n",
                RESULTS,
                nanos / 1e9,
                RESULTS / (nanos / 1e9),
                bytes / 1048576.0,
                bytes / (double) RESULTS,
                (memory.totalMemory() - memory.freeMemory()) / 1048576.0);
        question(history, "newest 100 results", "SELECT command FROM result ORDER BY at DESC, command DESC LIMIT 101");
        question(
                history,
                "newest 100 of a database",
                "SELECT command FROM result WHERE db = 'host3/db37' ORDER BY at DESC, command DESC LIMIT 101");
        question(
                history,
                "newest 100 failed",
                "SELECT command FROM result WHERE good = 0 AND outcome = 'failed' ORDER BY at DESC, command DESC LIMIT 101");
        question(
                history,
                "a page in the middle",
                "SELECT command FROM result WHERE (at, command) < ("
                        + AT.plusSeconds(300L * RESULTS / DATABASES / 2).toEpochMilli()
                        + ", 'x') ORDER BY at DESC, command DESC LIMIT 101");
        question(
                history,
                "open findings",
                "SELECT * FROM finding WHERE ended IS NULL ORDER BY since DESC, id DESC LIMIT 101");
        question(
                history,
                "all series for a scrape",
                "SELECT s.name, s.labels, s.value FROM series s LEFT JOIN fleet f ON f.db = s.db ORDER BY s.name");
    }

    private static void question(History history, String name, String sql) {
        long[] times = new long[200];
        for (int i = 0; i < times.length; i++) {
            long start = System.nanoTime();
            history.read(session -> session.list(sql, row -> row.optionalText(1)));
            times[i] = System.nanoTime() - start;
        }
        Arrays.sort(times);
        System.out.printf(Locale.ROOT, "  %s: median %.2f ms, p99 %.2f ms%n", name, times[100] / 1e6, times[197] / 1e6);
    }

    private static long number(History history, String sql) {
        return history.read(session -> session.number(sql));
    }
}
