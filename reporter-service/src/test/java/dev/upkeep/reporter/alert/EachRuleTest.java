package dev.upkeep.reporter.alert;

import static dev.upkeep.reporter.Messages.AT;
import static dev.upkeep.reporter.Messages.EXECUTOR;
import static dev.upkeep.reporter.Messages.endedRun;
import static dev.upkeep.reporter.Messages.finding;
import static dev.upkeep.reporter.Messages.result;
import static dev.upkeep.reporter.Messages.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.reporter.deadletter.DeadLetter;
import dev.upkeep.reporter.quarantine.Quarantine;
import dev.upkeep.reporter.result.EndingRows;
import dev.upkeep.reporter.result.Ends;
import dev.upkeep.reporter.result.Received;
import dev.upkeep.reporter.result.Tally;
import dev.upkeep.reporter.run.RunRows;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each built-in rule, from the trouble that it is for to the alert, and from the mend to its end. */
class EachRuleTest extends OnHistory {
    private static final Instant TROUBLE = AT.plus(Duration.ofDays(20));
    private static final Instant MEND = TROUBLE.plus(Duration.ofMinutes(61));
    private static final Map<String, Trouble> TROUBLES = troubles();

    /**
     * What makes a rule fire, and what ends it.
     *
     * @param patience how long after the mend it is over
     */
    private record Trouble(Act plant, Act mend, Duration patience) {
        Trouble(Act plant, Act mend) {
            this(plant, mend, Duration.ofMinutes(61));
        }
    }

    private interface Act {
        void in(EachRuleTest test);
    }

    private final List<Rule> rules = RulesFile.load(Optional.empty());
    private final AlertSteps steps = new AlertSteps(Optional.of(Duration.ofHours(4)), "docs/alerts.md#");

    static Stream<String> rules() {
        return TROUBLES.keySet().stream();
    }

    @Test
    void noBuiltInRuleIsLeftOut() {
        assertThat(rules).extracting(Rule::name).containsExactlyInAnyOrderElementsOf(TROUBLES.keySet());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void firesOnceAndIsResolvedOnceAfterTheMend(String rule) {
        Trouble trouble = TROUBLES.get(rule);
        assertThat(told(rule, TROUBLE.minusSeconds(1))).isEmpty();

        trouble.plant().in(this);
        List<Alert.Status> fired = new ArrayList<>(told(rule, TROUBLE));
        fired.addAll(told(rule, MEND.minusSeconds(1)));
        trouble.mend().in(this);
        List<Alert.Status> over = new ArrayList<>(told(rule, MEND.plusSeconds(60)));
        over.addAll(told(rule, MEND.plusSeconds(60).plus(trouble.patience())));

        assertThat(fired).startsWith(Alert.Status.FIRING);
        assertThat(Stream.concat(fired.stream(), over.stream()).limit(2))
                .containsExactly(Alert.Status.FIRING, Alert.Status.RESOLVED);
    }

    private static Map<String, Trouble> troubles() {
        Map<String, Trouble> troubles = new TreeMap<>();
        troubles.put(
                "task-failed",
                new Trouble(
                        t -> t.ended("backup", Outcome.FAILED, TROUBLE.minusSeconds(120)),
                        t -> t.ended("backup", Outcome.SUCCEEDED, MEND)));
        troubles.put(
                "task-refused",
                new Trouble(
                        t -> t.ended("purge", Outcome.REJECTED, TROUBLE.minusSeconds(120)),
                        t -> t.ended("purge", Outcome.NOTHING_TO_DO, MEND)));
        troubles.put(
                "run-not-carried-out",
                new Trouble(
                        t -> t.stated(endedRun("care", "telemetry", Outcome.OFFLINE, TROUBLE.minusSeconds(300))),
                        t -> t.ended("analyze", Outcome.SUCCEEDED, MEND)));
        troubles.put(
                "critical-finding",
                new Trouble(
                        t -> t.looked(TROUBLE.minusSeconds(120), finding("disk", Severity.CRITICAL, "/var", "97 %")),
                        t -> t.looked(MEND)));
        troubles.put(
                "blocked-queries",
                new Trouble(
                        t -> t.looked(TROUBLE.minusSeconds(120), finding("lock-wait", Severity.WARNING, "", "70 s")),
                        t -> t.looked(MEND)));
        troubles.put(
                "dead-rows",
                new Trouble(
                        t -> t.looked(
                                TROUBLE.minusSeconds(120), finding("dead-rows", Severity.WARNING, "events", "30 %")),
                        t -> t.looked(MEND)));
        troubles.put("backup-overdue", overdue("backup"));
        troubles.put("cleanup-overdue", overdue("purge"));
        troubles.put("backup-unproven", overdue("restore-drill"));
        troubles.put(
                "data-overdue",
                new Trouble(
                        t -> {
                            t.purged(TROUBLE.minus(Duration.ofDays(3)), "P30D", "[]");
                            t.measured(
                                    "oldest_record_age", "seconds", TROUBLE.minusSeconds(60), 40 * 86_400.0, "table");
                        },
                        t -> t.measured("oldest_record_age", "seconds", MEND, 30 * 86_400.0, "table")));
        troubles.put(
                "partial-too-often",
                new Trouble(
                        t -> {
                            for (int day = 3; day > 0; day--) {
                                t.ended("purge", Outcome.PARTIAL, TROUBLE.minus(Duration.ofDays(day)));
                            }
                        },
                        t -> t.ended("purge", Outcome.SUCCEEDED, MEND)));
        troubles.put(
                "result-missing",
                new Trouble(
                        t -> t.stated(sent(TROUBLE.minus(Duration.ofHours(3)))),
                        t -> t.stated(
                                endedRun("care", "telemetry", Outcome.OFFLINE, TROUBLE.minus(Duration.ofHours(3))))));
        troubles.put(
                "run-missing",
                new Trouble(
                        t -> {
                            t.ended("analyze", Outcome.SUCCEEDED, TROUBLE.minus(Duration.ofHours(5)));
                            t.ended("analyze", Outcome.SUCCEEDED, TROUBLE.minus(Duration.ofHours(4)));
                        },
                        t -> t.ended("analyze", Outcome.SUCCEEDED, MEND)));
        troubles.put(
                "executor-silent",
                new Trouble(
                        t -> t.stated(TROUBLE.minusSeconds(120), Optional.empty()),
                        t -> t.stated(MEND.plusSeconds(50), Optional.empty())));
        troubles.put(
                "database-unreachable",
                new Trouble(
                        t -> t.stated(TROUBLE, Optional.of("connection refused")),
                        t -> t.stated(MEND, Optional.empty())));
        troubles.put("dead-letters", new Trouble(EachRuleTest::deadLetter, t -> {}));
        troubles.put("results-quarantined", new Trouble(EachRuleTest::forged, t -> {}, Duration.ofHours(25)));
        troubles.put(
                "table-large",
                new Trouble(
                        t -> t.measured("table_size", "bytes", TROUBLE.minusSeconds(60), 2e12, "table"),
                        t -> t.measured("table_size", "bytes", MEND, 1e11, "table")));
        troubles.put(
                "database-growth",
                new Trouble(
                        t -> {
                            for (int day = 15; day > 0; day--) {
                                t.measured(
                                        "database_size",
                                        "bytes",
                                        TROUBLE.minus(Duration.ofDays(day)),
                                        1_150 - 10.0 * day,
                                        "");
                            }
                            t.measured("database_size", "bytes", TROUBLE.minusSeconds(60), 1_800, "");
                        },
                        t -> t.measured("database_size", "bytes", MEND, 1_151, "")));
        troubles.put(
                "disk-running-out",
                new Trouble(
                        t -> {
                            t.measured("disk_free", "bytes", TROUBLE.minus(Duration.ofHours(25)), 1_000, "path");
                            t.measured("disk_free", "bytes", TROUBLE.minusSeconds(60), 800, "path");
                        },
                        t -> t.measured("disk_free", "bytes", MEND, 5_000, "path")));
        return new LinkedHashMap<>(troubles);
    }

    private static Trouble overdue(String task) {
        return new Trouble(
                t -> t.ended(task, Outcome.SUCCEEDED, TROUBLE.minus(Duration.ofHours(27))),
                t -> t.ended(task, Outcome.SUCCEEDED, MEND));
    }

    private static RunState sent(Instant nominal) {
        RunState ended = endedRun("care", "telemetry", Outcome.OFFLINE, nominal);
        Target target = ended.targets().get(0);
        return new RunState(
                ended.run(),
                ended.origin(),
                RunState.Status.ACCEPTED,
                List.of(),
                nominal,
                nominal,
                Optional.of(new Validity(nominal, nominal.plusSeconds(600), nominal.plusSeconds(1_200))),
                false,
                Optional.empty(),
                1,
                0,
                1,
                List.of(),
                List.of(new Target(
                        target.database(),
                        target.executor(),
                        target.command(),
                        Target.Status.SENT,
                        Optional.empty(),
                        List.of(),
                        Optional.of(nominal),
                        Optional.empty())));
    }

    /** One look at the rules; what is told about this one. */
    private List<Alert.Status> told(String rule, Instant now) {
        List<Alert> news = history.write(session -> {
            Facts facts = new Facts(session, now);
            Map<Rule, List<Holding>> holding = new LinkedHashMap<>();
            rules.forEach(one -> holding.put(one, one.check(facts)));
            AlertSteps.Outcome outcome = steps.step(AlertRows.open(session), holding, now);
            AlertRows.store(session, outcome.changed(), outcome.dropped());
            return outcome.news();
        });
        return news.stream()
                .filter(alert -> alert.rule().equals(rule))
                .map(Alert::status)
                .toList();
    }

    private void ended(String task, Outcome outcome, Instant nominal) {
        ended(result("care", "telemetry", task, outcome, nominal));
    }

    private void looked(Instant endedAt, Finding... findings) {
        seen(endedAt.minusSeconds(59), findings);
    }

    private void stated(RunState run) {
        write(session -> {
            RunRows.store(session, List.of(run));
            EndingRows.storeStated(session, Ends.of(run, run.at()));
        });
    }

    private void stated(Instant at, Optional<String> problem) {
        stated(
                at,
                new RegisteredDatabase(
                        new DatabaseId("telemetry"),
                        Engine.POSTGRESQL,
                        Optional.empty(),
                        Map.of(),
                        problem,
                        List.of(),
                        List.of()));
    }

    private void measured(String name, String unit, Instant at, double value, String label) {
        measured(at, Measurement.gauge(name, unit, value, label.isEmpty() ? Map.of() : Map.of(label, "events")));
    }

    private void deadLetter() {
        history.write(session -> {
            DeadLetter.store(
                    session,
                    List.of(new DeadLetter(
                            0, 1, TROUBLE, "upkeep.results", 2, 17, "upkeep/reporter", "malformed", "not JSON")));
            return 0;
        });
    }

    private void forged() {
        stated(TROUBLE, Optional.empty());
        Result real = result("care", "telemetry", "backup", Outcome.SUCCEEDED, TROUBLE);
        Result forged = new Result(
                real.command(),
                real.run(),
                real.origin(),
                real.database(),
                new ExecutorId(EXECUTOR.text() + "-intruder"),
                real.asOf(),
                false,
                real.outcome(),
                real.reasons(),
                1,
                real.receivedAt(),
                real.startedAt(),
                real.endedAt(),
                real.tasks());
        history.write(
                session -> Quarantine.sift(session, List.of(Received.of(forged)), List.of(), new Tally(), TROUBLE));
    }
}
