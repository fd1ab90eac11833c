package dev.upkeep.reporter.alert;

import static dev.upkeep.reporter.Messages.AT;
import static dev.upkeep.reporter.Messages.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.reporter.deadletter.DeadLetter;
import dev.upkeep.reporter.quarantine.Quarantine;
import dev.upkeep.reporter.result.Received;
import dev.upkeep.reporter.result.Tally;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The triggers that watch for silence, for size and for pace. */
class WatchingTest extends OnHistory {
    @Test
    void runningOutOfTimeThriceInARowHoldsAndOnceWellEndsIt() {
        Trigger trigger = new PartialTooOften(Optional.empty());

        for (int day = 0; day < 2; day++) {
            ended(result("nightly", "telemetry", "purge", Outcome.PARTIAL, AT.plus(Duration.ofDays(day))));
        }
        int twice = check(trigger, AT).size();
        ended(result("nightly", "telemetry", "purge", Outcome.PARTIAL, AT.plus(Duration.ofDays(2))));
        int thrice = check(trigger, AT).size();
        ended(result("nightly", "telemetry", "purge", Outcome.SUCCEEDED, AT.plus(Duration.ofDays(3))));

        assertThat(List.of(twice, thrice, check(trigger, AT).size())).containsExactly(0, 1, 0);
    }

    @Test
    void aPolicyThatCameEveryHourIsMissedAfterMoreThanTwo() {
        Trigger trigger = new RunMissing(Optional.empty());
        ended(result("hourly", "telemetry", "analyze", Outcome.SUCCEEDED, AT));
        Result last = result("hourly", "telemetry", "analyze", Outcome.SUCCEEDED, AT.plus(Duration.ofHours(1)));
        ended(last);
        Instant due = last.endedAt().plus(Duration.ofMinutes(125));

        assertThat(check(trigger, due)).isEmpty();
        assertThat(check(trigger, due.plusSeconds(1))).hasSize(1);
        assertThat(check(trigger, due.plus(Duration.ofDays(15)))).isEmpty();
    }

    @Test
    void aScheduleOfWorkingDaysIsNotMissedAtTheWeekend() {
        Trigger trigger = new RunMissing(Optional.empty());
        Instant monday = Instant.parse("2026-11-02T02:00:00Z");
        for (int week = 0; week < 3; week++) {
            for (int day = 0; day < 5; day++) {
                ended(result(
                        "workdays",
                        "telemetry",
                        "analyze",
                        Outcome.SUCCEEDED,
                        monday.plus(Duration.ofDays(7L * week + day))));
            }
        }

        assertThat(check(trigger, monday.plus(Duration.ofDays(21)))).isEmpty();
    }

    @Test
    void anExecutorThatMissedThreeHeartbeatsHolds() {
        stated(AT);

        assertThat(check(new ExecutorSilent(), AT.plusSeconds(45))).isEmpty();
        assertThat(check(new ExecutorSilent(), AT.plusSeconds(46)))
                .singleElement()
                .satisfies(
                        one -> assertThat(one.text().summary()).isEqualTo("executor db7 on db7.example.org is silent"));
    }

    @Test
    void aDatabaseThatItsExecutorCannotReachHolds() {
        stated(
                AT,
                new RegisteredDatabase(
                        new DatabaseId("telemetry"),
                        Engine.POSTGRESQL,
                        Optional.empty(),
                        Map.of(),
                        Optional.of("connection refused"),
                        List.of(),
                        List.of()));

        assertThat(check(new DatabaseUnreachable(), AT))
                .singleElement()
                .satisfies(one -> assertThat(one.text().description()).contains("connection refused"));
    }

    @Test
    void deadLettersHoldForAnHour() {
        history.write(session -> {
            DeadLetter.store(
                    session,
                    List.of(new DeadLetter(
                            0, 1, AT, "upkeep.results", 2, 17, "upkeep/reporter", "malformed", "not JSON")));
            return 0;
        });
        Trigger trigger = new DeadLetters(Optional.empty(), Optional.empty());

        assertThat(check(trigger, AT.plus(Duration.ofMinutes(60)))).hasSize(1);
        assertThat(check(trigger, AT.plus(Duration.ofMinutes(61)))).isEmpty();
    }

    @Test
    void aTableBeyondItsLimitIsNamed() {
        measured("table_size", AT, 2_000, Map.of("table", "events"));
        Trigger trigger =
                new MeasurementBeyond("table_size", "bytes", Optional.of(1_999.0), Optional.empty(), Optional.empty());

        assertThat(check(trigger, AT.plusSeconds(60)))
                .singleElement()
                .satisfies(one -> assertThat(one.text().summary())
                        .isEqualTo("table size of telemetry events is beyond its limit"));
        assertThat(check(trigger, AT.plus(Duration.ofDays(8)))).isEmpty();
    }

    @Test
    void growthThreeTimesAsFastAsBeforeHolds() {
        Trigger trigger = new GrowthOutOfTrend(
                "database_size", "bytes", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        for (int day = 0; day <= 14; day++) {
            measured("database_size", AT.plus(Duration.ofDays(day)), 1_000 + 10.0 * day, Map.of());
        }
        Instant steady = AT.plus(Duration.ofDays(14)).plusSeconds(120);
        int before = check(trigger, steady).size();
        measured("database_size", AT.plus(Duration.ofDays(14)).plusSeconds(60), 1_400, Map.of());

        assertThat(before).isZero();
        assertThat(check(trigger, steady)).hasSize(1);
    }

    @Test
    void spaceThatLastsForLessThanAWeekHolds() {
        Trigger trigger = new RunningOut("disk_free", "bytes", Optional.empty(), Optional.empty());
        measured("disk_free", AT, 1_000, Map.of("path", "/var"));
        measured("disk_free", AT.plus(Duration.ofDays(1)), 800, Map.of("path", "/var"));
        Instant now = AT.plus(Duration.ofDays(1)).plusSeconds(60);

        assertThat(check(trigger, now)).hasSize(1);
        measured("disk_free", AT.plus(Duration.ofDays(1)).plusSeconds(1), 900, Map.of("path", "/var"));
        assertThat(check(trigger, now)).isEmpty();
    }

    @Test
    void rowsPastTheirRetentionAndTheGraceHoldUntilTheyAreGone() {
        Trigger trigger = new DataOverdue(Optional.empty(), Optional.empty());
        ranPurge(AT, "[]");
        ranPurge(AT.plus(Duration.ofDays(1)), "[]");
        Instant measured = AT.plus(Duration.ofDays(2));
        // 30 days are kept; the policy comes daily: 1.25 days and one more are well in time
        aged(measured, Duration.ofDays(32));
        int inTime = check(trigger, measured.plus(Duration.ofHours(5))).size();
        List<Holding> late = check(trigger, measured.plus(Duration.ofHours(7)));
        aged(measured.plus(Duration.ofHours(8)), Duration.ofDays(30));

        assertThat(inTime).isZero();
        assertThat(late)
                .singleElement()
                .satisfies(one -> assertThat(one.text().summary())
                        .isEqualTo("events of telemetry holds rows past their retention"));
        assertThat(check(trigger, measured.plus(Duration.ofHours(9)))).isEmpty();
        assertThat(check(trigger, measured.plus(Duration.ofDays(90)))).isEmpty();
    }

    @Test
    void aPurgeWithConditionsSaysNothingAboutTheAgeOfAllRows() {
        ranPurge(AT, "[{\"column\":\"status\"}]");
        aged(AT, Duration.ofDays(400));

        assertThat(check(new DataOverdue(Optional.empty(), Optional.empty()), AT.plusSeconds(60)))
                .isEmpty();
    }

    @Test
    void resultsThatAreNotBelievedHoldForADay() {
        stated(AT, plain("telemetry"));
        Result forged = result("nightly", "telemetry", "backup", Outcome.SUCCEEDED, AT);
        Result other = new Result(
                forged.command(),
                forged.run(),
                forged.origin(),
                forged.database(),
                new ExecutorId("intruder"),
                forged.asOf(),
                false,
                forged.outcome(),
                forged.reasons(),
                1,
                forged.receivedAt(),
                forged.startedAt(),
                forged.endedAt(),
                forged.tasks());
        history.write(session -> Quarantine.sift(session, List.of(Received.of(other)), List.of(), new Tally(), AT));

        assertThat(check(new ResultsQuarantined(Optional.empty()), AT.plusSeconds(1)))
                .singleElement()
                .satisfies(one -> assertThat(one.executor()).contains("intruder"));
        assertThat(check(new ResultsQuarantined(Optional.empty()), AT.plus(Duration.ofDays(2))))
                .isEmpty();
    }

    private static RegisteredDatabase plain(String id) {
        return new RegisteredDatabase(
                new DatabaseId(id),
                Engine.POSTGRESQL,
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                List.of(),
                List.of());
    }

    private void ranPurge(Instant at, String where) {
        ended(purged(at, "PT720H", where));
    }

    private void aged(Instant at, Duration age) {
        measured(
                at,
                Measurement.gauge(
                        "oldest_record_age",
                        "seconds",
                        age.toSeconds(),
                        Map.of("table", "public.events", "column", "created_at")));
    }

    @Test
    void limitsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> new MeasurementBeyond(
                        "table_size", "bytes", Optional.empty(), Optional.empty(), Optional.empty()))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("either above or below");
        assertThatThrownBy(() -> new GrowthOutOfTrend(
                        "a",
                        "b",
                        Optional.of(Duration.ofDays(8)),
                        Optional.of(Duration.ofDays(14)),
                        Optional.empty(),
                        Optional.empty()))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("half");
    }

    private void measured(String name, Instant at, double value, Map<String, String> labels) {
        measured(at, Measurement.gauge(name, "bytes", value, labels));
    }

    private List<Holding> check(Trigger trigger, Instant now) {
        return history.read(session -> trigger.check(new Facts(session, now)));
    }
}
