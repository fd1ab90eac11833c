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

import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.wire.Wire;
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
    void keepsAResultWithTextsThatADatabaseCannotHold() {
        String odd = "a\0b\ud800c\u001b[31m";
        Result result = result(
                "nightly",
                "orders",
                task(
                        "health-check",
                        Outcome.SUCCEEDED,
                        AT,
                        List.of(finding("disk", Severity.CRITICAL, odd, odd)),
                        List.of(Measurement.gauge("table_size", "bytes", 7L, Map.of("table", odd)))),
                AT);

        recorder.record(batch(result));
        recorder.record(batch(counting("hourly", AT, 1)));

        assertThat(number("SELECT count(*) FROM result")).isEqualTo(2);
        assertThat(text("SELECT value FROM finding")).startsWith("a?b");
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

    @Test
    void aResultOfAnExecutorThatDoesNotOwnTheDatabaseIsKeptAsideAndCounted() {
        recorder.record(statement(AT, "telemetry"));
        Batch forged =
                batch(by(new ExecutorId("db8"), result("nightly", "telemetry", "backup", Outcome.SUCCEEDED, AT)));

        recorder.record(forged);
        recorder.record(forged);

        assertThat(number("SELECT count(*) FROM result")).isZero();
        assertThat(number("SELECT count(*) FROM ending")).isZero();
        assertThat(text("SELECT reason FROM quarantine")).isEqualTo("executor db7 states database telemetry, not db8");
        assertThat(number("SELECT value FROM tally WHERE name = 'quarantined_results'"))
                .isEqualTo(1);
    }

    @Test
    void aResultOfACommandThatWasNeverIssuedIsKeptAside() {
        Batch runs = Batch.empty();
        runs.runs().put("r", endedRun("nightly", "telemetry", Outcome.SUCCEEDED, AT));
        recorder.record(runs);

        recorder.record(batch(
                result("nightly", "other", "backup", Outcome.SUCCEEDED, AT),
                by(new ExecutorId("db8"), result("nightly", "telemetry", "backup", Outcome.SUCCEEDED, AT)),
                result("nightly", "telemetry", "backup", Outcome.SUCCEEDED, AT)));

        assertThat(number("SELECT count(*) FROM result WHERE executor = 'db7' AND db = 'telemetry'"))
                .isEqualTo(1);
        assertThat(number("SELECT count(*) FROM result")).isEqualTo(1);
        assertThat(text("SELECT reason FROM quarantine WHERE code = 'never-issued'"))
                .isEqualTo("run nightly@2026-11-21T02:00Z has no command for database other");
        assertThat(text("SELECT reason FROM quarantine WHERE code = 'wrong-executor'"))
                .isEqualTo("the command was issued to executor db7, not to db8");
    }

    @Test
    void aResultThatCameBeforeItsRunIsClearedByIt() {
        recorder.record(batch(result("nightly", "telemetry", "backup", Outcome.FAILED, AT.minusSeconds(86_400))));
        Batch moved = statement(AT, "telemetry");
        Registration other = moved.executors().get("db7").orElseThrow();
        moved.executors().clear();
        moved.executors().put("db8", Optional.of(as(new ExecutorId("db8"), other)));
        recorder.record(moved);
        recorder.record(batch(result("nightly", "telemetry", "backup", Outcome.SUCCEEDED, AT)));
        long aside = number("SELECT count(*) FROM quarantine");

        Batch runs = Batch.empty();
        runs.runs().put("r", endedRun("nightly", "telemetry", Outcome.SUCCEEDED, AT));
        recorder.record(runs);

        assertThat(aside).isEqualTo(1);
        assertThat(number("SELECT count(*) FROM quarantine")).isZero();
        assertThat(text("SELECT outcome FROM ending WHERE subject = 'task:backup'"))
                .isEqualTo("succeeded");
    }

    @Test
    void aRetriedCommandIsBelieved() {
        Batch runs = Batch.empty();
        runs.runs().put("r", endedRun("nightly", "telemetry", Outcome.SUCCEEDED, AT));
        recorder.record(runs);
        Result first = result("nightly", "telemetry", "backup", Outcome.SUCCEEDED, AT);
        Result second = with(new CommandId(first.command().text() + "/retry-1"), first);

        recorder.record(batch(second));

        assertThat(number("SELECT count(*) FROM result")).isEqualTo(1);
    }

    @Test
    void theFirstAttemptIsBelievedThoughItsRunKnowsOnlyTheRetryAndTheDatabaseHasMoved() {
        recorder.record(statement(AT, "telemetry"));
        Batch moved = statement(AT.plusSeconds(15), "telemetry");
        Registration other = moved.executors().get("db7").orElseThrow();
        moved.executors().clear();
        moved.executors().put("db8", Optional.of(as(new ExecutorId("db8"), other)));
        recorder.record(moved);
        Batch runs = Batch.empty();
        runs.runs().put("r", retried(endedRun("nightly", "telemetry", Outcome.SUCCEEDED, AT)));
        recorder.record(runs);
        Result first = result("nightly", "telemetry", "backup", Outcome.FAILED, AT);
        Result second = with(
                new CommandId(first.command().text() + "/retry-1"),
                result("nightly", "telemetry", "backup", Outcome.SUCCEEDED, AT));

        recorder.record(batch(second, first));

        assertThat(number("SELECT count(*) FROM quarantine")).isZero();
        assertThat(number("SELECT count(*) FROM result")).isEqualTo(2);
    }

    private static RunState retried(RunState run) {
        return new RunState(
                run.run(),
                run.origin(),
                run.status(),
                run.reasons(),
                run.asOf(),
                run.at(),
                run.validity(),
                run.dryRun(),
                run.planHash(),
                run.databases(),
                run.part(),
                run.parts(),
                run.steps(),
                run.targets().stream()
                        .map(target -> new Target(
                                target.database(),
                                target.executor(),
                                new CommandId(target.command().text() + "/retry-1"),
                                target.status(),
                                target.outcome(),
                                target.reasons(),
                                target.sentAt(),
                                target.endedAt()))
                        .toList());
    }

    @Test
    void knowsWhichBackupsThereAreInWhateverOrderResultsCome() {
        List<Result> results = List.of(
                backup("b1-20261121T020000Z-1.dump", AT, 0, 1),
                backup("b2-20261121T030000Z-2.dump", AT.plusSeconds(3_600), 0, 2),
                backup("b3-20261121T040000Z-3.dump", AT.plusSeconds(7_200), 1, 2),
                speaking(
                        "verify-backup",
                        AT.plusSeconds(8_000),
                        "{'backups':[{'name':'b2-20261121T030000Z-2.dump','state':'taken','problem':'checksum differs'}]}"),
                speaking(
                        "restore-drill",
                        AT.plusSeconds(9_000),
                        "{'backup':'b3-20261121T040000Z-3.dump','proven':true,'differences':[]}"),
                backup("b4-20261121T050000Z-4.dump", AT.plusSeconds(10_800), 0, 3),
                speaking(
                        "expire-backups",
                        AT.plusSeconds(11_000),
                        "{'decisions':[{'name':'b4-20261121T050000Z-4.dump','keep':false},"
                                + "{'name':'b3-20261121T040000Z-3.dump','keep':true}]}"));
        String expected = "b1-20261121T020000Z-1.dump verified gone; b2-20261121T030000Z-2.dump taken there;"
                + " b3-20261121T040000Z-3.dump proven there; b4-20261121T050000Z-4.dump verified gone; ";
        List<Result> shuffled = new ArrayList<>(results);
        for (int seed = 0; seed < 5; seed++) {
            shuffled.forEach(result -> recorder.record(batch(result)));

            assertThat(backups()).isEqualTo(expected);
            assertThat(text("SELECT problem FROM backup WHERE name LIKE 'b2%'")).isEqualTo("checksum differs");
            assertThat(number("SELECT bytes FROM backup WHERE name LIKE 'b4%'")).isEqualTo(1_000);
            history.write(session -> session.update("DELETE FROM backup") + session.update("DELETE FROM result"));
            Collections.shuffle(shuffled, new Random(seed));
        }
    }

    @Test
    void aWholeListEndsTheBackupsThatAreNotOnIt() {
        recorder.record(batch(backup("b1-20261121T020000Z-1.dump", AT, 0, 1)));
        recorder.record(
                batch(
                        speaking(
                                "list-backups",
                                AT.plusSeconds(600),
                                "{'count':1,'backups':[{'name':'b0-20261120T020000Z-0.dump','state':'proven','takenAt':'2026-11-20T02:00:00Z'}]}")));

        assertThat(backups())
                .isEqualTo("b0-20261120T020000Z-0.dump proven there; b1-20261121T020000Z-1.dump verified gone; ");
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

    private String backups() {
        StringBuilder all = new StringBuilder();
        history.read(session -> session.list(
                        "SELECT name, state, gone_at FROM backup ORDER BY name",
                        row -> row.text(1) + " " + row.text(2)
                                + (row.optionalNumber(3).isPresent() ? " gone; " : " there; ")))
                .forEach(all::append);
        return all.toString();
    }

    private static Result backup(String name, Instant at, int expired, int count) {
        return speaking(
                "backup",
                at,
                "{'name':'" + name + "','state':'verified','takenAt':'" + at + "','bytes':1000,'sourceBytes':9000,"
                        + "'method':'logical','expired':" + expired + "}",
                Measurement.gauge("backup_count", "backups", (long) count));
    }

    private static Result speaking(String task, Instant at, String report, Measurement... measurements) {
        TaskResult plain = task(task, Outcome.SUCCEEDED, at, List.of(), List.of(measurements));
        return result(
                "care",
                "telemetry",
                new TaskResult(
                        plain.task(),
                        plain.parameters(),
                        plain.outcome(),
                        plain.reason(),
                        plain.startedAt(),
                        plain.endedAt(),
                        Optional.of(Wire.readTree(
                                report.replace('\'', '"').getBytes(java.nio.charset.StandardCharsets.UTF_8))),
                        plain.findings(),
                        plain.measurements(),
                        false),
                at);
    }

    private static Result by(ExecutorId executor, Result of) {
        return copy(of, of.command(), executor);
    }

    private static Result with(CommandId command, Result of) {
        return copy(of, command, of.executor());
    }

    private static Result copy(Result of, CommandId command, ExecutorId executor) {
        return new Result(
                command,
                of.run(),
                of.origin(),
                of.database(),
                executor,
                of.asOf(),
                of.dryRun(),
                of.outcome(),
                of.reasons(),
                of.attempts(),
                of.receivedAt(),
                of.startedAt(),
                of.endedAt(),
                of.tasks());
    }

    private static Registration as(ExecutorId executor, Registration of) {
        return new Registration(
                executor,
                of.version(),
                of.host(),
                of.startedAt(),
                of.at(),
                of.heartbeat(),
                of.lane(),
                of.lanes(),
                of.stopping(),
                of.databases(),
                of.tools(),
                of.guardrails(),
                of.recoveredAt());
    }
}
