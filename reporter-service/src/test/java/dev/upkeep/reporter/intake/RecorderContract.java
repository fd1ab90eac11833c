package dev.upkeep.reporter.intake;

import static dev.upkeep.reporter.Messages.AT;
import static dev.upkeep.reporter.Messages.database;
import static dev.upkeep.reporter.Messages.endedRun;
import static dev.upkeep.reporter.Messages.finding;
import static dev.upkeep.reporter.Messages.registration;
import static dev.upkeep.reporter.Messages.result;
import static dev.upkeep.reporter.Messages.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.Severity;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.history.HistoryFailure;
import dev.upkeep.reporter.history.Places;
import dev.upkeep.reporter.intake.Batch.Place;
import dev.upkeep.reporter.measurement.SeriesRows;
import dev.upkeep.reporter.result.Received;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What recording promises, on whatever engine holds the history. */
abstract class RecorderContract {
    private static final Instant NOW = AT.plus(Duration.ofDays(2));
    private static final Finding DISK = finding("disk", Severity.CRITICAL, "/var/backups", "97 %");

    private History history;
    private Recorder recorder;

    /** A new, empty place for a history. */
    abstract History open();

    @BeforeEach
    void openHistory() {
        history = open();
        recorder = recorder(100, 3);
    }

    @AfterEach
    void closeHistory() {
        history.close();
    }

    @Test
    void keepsEachResultOnceHoweverOftenItArrives() {
        Result result = counting("nightly", AT, 5);

        int first = recorder.record(batch(result, result));
        int second = recorder.record(batch(result));

        assertThat(first).isEqualTo(1);
        assertThat(second).isZero();
        assertThat(number("SELECT count(*) FROM result")).isEqualTo(1);
        assertThat(number("SELECT count(*) FROM sample")).isEqualTo(2);
        assertThat(number("SELECT value FROM series WHERE kind = 'count'")).isEqualTo(5);
        assertThat(number("SELECT value FROM tally WHERE name = 'results'")).isEqualTo(1);
    }

    @Test
    void ordersByWhenThingsEndedNotByWhenTheyArrive() {
        List<Result> inOrder = new ArrayList<>();
        for (int hour = 0; hour < 12; hour++) {
            Instant at = AT.plus(Duration.ofHours(hour));
            inOrder.add(counting("hourly", at, hour));
        }
        List<Result> shuffled = new ArrayList<>(inOrder);
        Collections.shuffle(shuffled, new Random(7));

        shuffled.forEach(result -> recorder.record(batch(result)));

        assertThat(number("SELECT value FROM series WHERE kind = 'count'")).isEqualTo(66);
        assertThat(number("SELECT value FROM series WHERE kind = 'gauge'")).isEqualTo(1_011);
        assertThat(text("SELECT command FROM ending WHERE subject = 'task:purge'"))
                .isEqualTo(inOrder.get(11).command().text());
        assertThat(number("SELECT good_at FROM ending WHERE subject = 'task:purge'"))
                .isEqualTo(inOrder.get(11).endedAt().minusSeconds(1).toEpochMilli());
    }

    @Test
    void notesPlacesWithWhatWasReadThereAndNeverGoesBack() {
        Batch batch = batch(counting("nightly", AT, 1));
        batch.places().put(new Place("upkeep.results", 0, "first"), 42L);
        recorder.record(batch);

        Batch older = Batch.empty();
        older.places().put(new Place("upkeep.results", 0, "first"), 7L);
        recorder.record(older);

        assertThat(place("first")).contains(42L);
        assertThat(place("second")).isEmpty();
    }

    @Test
    void beginsATopicAnewThatWasMadeAnew() {
        Batch before = Batch.empty();
        before.places().put(new Place("upkeep.results", 0, "first"), 42L);
        Batch after = Batch.empty();
        after.places().put(new Place("upkeep.results", 0, "second"), 3L);

        recorder.record(before);
        recorder.record(after);

        assertThat(place("second")).contains(3L);
    }

    @Test
    void aBatchThatFailsLeavesNothingBehind() {
        Batch batch = batch(counting("nightly", AT, 1));
        batch.places().put(new Place("upkeep.results", 0, "first"), 42L);

        assertThatThrownBy(() -> history.write(session -> {
                    session.update("INSERT INTO tally (name, labels, value) VALUES ('x', '{}', 1)");
                    return session.update("INSERT INTO no_such_table (a) VALUES (1)");
                }))
                .isInstanceOf(HistoryFailure.class);
        recorder.record(batch);

        assertThat(number("SELECT count(*) FROM tally WHERE name = 'x'")).isZero();
        assertThat(place("first")).contains(42L);
    }

    @Test
    void aFindingLastsFromTheFirstResultThatStatesItToTheFirstThatDoesNot() {
        recorder.record(batch(looking(AT, DISK)));
        recorder.record(batch(looking(AT.plusSeconds(600), DISK), looking(AT.plusSeconds(1_200))));

        assertThat(number("SELECT count(*) FROM finding")).isEqualTo(1);
        assertThat(number("SELECT since FROM finding"))
                .isEqualTo(AT.plusSeconds(59).toEpochMilli());
        assertThat(number("SELECT ended FROM finding"))
                .isEqualTo(AT.plusSeconds(1_259).toEpochMilli());
    }

    @Test
    void aLookThatIsLateChangesNoFinding() {
        recorder.record(batch(looking(AT.plusSeconds(600), DISK)));
        recorder.record(batch(looking(AT)));

        assertThat(number("SELECT count(*) FROM finding WHERE ended IS NULL")).isEqualTo(1);
    }

    @Test
    void aFailedLookEndsNoFinding() {
        recorder.record(batch(looking(AT, DISK)));
        recorder.record(batch(result("watch", "telemetry", "health-check", Outcome.FAILED, AT.plusSeconds(600))));

        assertThat(number("SELECT count(*) FROM finding WHERE ended IS NULL")).isEqualTo(1);
    }

    @Test
    void dropsAndCountsMeasurementsBeyondTheBound() {
        List<Measurement> many = new ArrayList<>();
        for (int table = 0; table < 5; table++) {
            many.add(Measurement.gauge("table_size", "bytes", table, Map.of("table", "t" + table)));
        }
        Result wide = result("sizes", "telemetry", task("assess", Outcome.SUCCEEDED, AT, List.of(), many), AT);

        recorder.record(batch(wide));

        assertThat(number("SELECT count(*) FROM series")).isEqualTo(3);
        assertThat(number("SELECT value FROM tally WHERE name = 'reporter_dropped_measurements'"))
                .isEqualTo(2);
    }

    @Test
    void theExecutorsWordStandsOverTheSchedulers() {
        Batch offline = Batch.empty();
        offline.runs().put("r", endedRun("nightly", "telemetry", Outcome.OFFLINE, AT));
        recorder.record(offline);
        String before = text("SELECT outcome FROM ending WHERE subject = 'policy:nightly'");

        recorder.record(batch(result("nightly", "telemetry", "backup", Outcome.SUCCEEDED, AT)));
        recorder.record(offline);

        assertThat(before).isEqualTo("offline");
        assertThat(text("SELECT outcome FROM ending WHERE subject = 'policy:nightly'"))
                .isEqualTo("succeeded");
    }

    @Test
    void anOlderStateOfARunChangesNothing() {
        Batch newer = Batch.empty();
        newer.runs().put("r", endedRun("nightly", "telemetry", Outcome.OFFLINE, AT));
        recorder.record(newer);
        recorder.record(newer);

        assertThat(number("SELECT count(*) FROM run")).isEqualTo(1);
        assertThat(number("SELECT count(*) FROM target WHERE outcome = 'offline'"))
                .isEqualTo(1);
    }

    @Test
    void aDatabaseThatIsNoLongerStatedIsGoneAndCanComeBack() {
        recorder.record(statement(AT, "a", "b"));
        recorder.record(statement(AT.plusSeconds(15), "a"));
        long gone = number("SELECT gone FROM fleet WHERE db = 'b'");

        recorder.record(statement(AT.plusSeconds(30), "a", "b"));

        assertThat(gone).isEqualTo(1);
        assertThat(number("SELECT gone FROM fleet WHERE db = 'b'")).isZero();
    }

    @Test
    void aClockThatIsAheadDoesNotKeepLaterResultsFromCounting() {
        recorder.record(batch(counting("nightly", NOW.plus(Duration.ofDays(400)), 1)));

        assertThat(number("SELECT at FROM result")).isEqualTo(NOW.toEpochMilli());
        assertThat(number("SELECT max(at) FROM sample")).isEqualTo(NOW.toEpochMilli());
    }

    private Recorder recorder(int most, int mostPerName) {
        return new Recorder(history, new SeriesRows(most, mostPerName), Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static Batch batch(Result... results) {
        Batch batch = Batch.empty();
        Arrays.stream(results).map(Received::of).forEach(batch.results()::add);
        return batch;
    }

    private static Batch statement(Instant at, String... databases) {
        Batch batch = Batch.empty();
        batch.executors()
                .put(
                        "db7",
                        Optional.of(registration(
                                at,
                                Arrays.stream(databases)
                                        .map(id -> database(id))
                                        .toArray(dev.upkeep.common.fleet.RegisteredDatabase[]::new))));
        return batch;
    }

    private static Result counting(String policy, Instant at, double deleted) {
        return result(
                policy,
                "telemetry",
                task(
                        "purge",
                        Outcome.SUCCEEDED,
                        at,
                        List.of(),
                        List.of(
                                Measurement.count("purge_deleted", "rows", deleted, Map.of("table", "events")),
                                Measurement.gauge("database_size", "bytes", 1_000 + deleted))),
                at);
    }

    private static Result looking(Instant at, Finding... findings) {
        return result(
                "watch", "telemetry", task("health-check", Outcome.SUCCEEDED, at, List.of(findings), List.of()), at);
    }

    private long number(String sql) {
        return history.read(session -> session.number(sql));
    }

    private String text(String sql) {
        return history.read(session -> session.first(sql, row -> row.text(1)).orElse("none"));
    }

    private Optional<Long> place(String topicId) {
        return history.read(session -> Places.next(session, "upkeep.results", 0, topicId));
    }
}
