package dev.upkeep.reporter.alert;

import static dev.upkeep.reporter.Messages.AT;
import static dev.upkeep.reporter.Messages.database;
import static dev.upkeep.reporter.Messages.endedRun;
import static dev.upkeep.reporter.Messages.finding;
import static dev.upkeep.reporter.Messages.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.ControlId;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Severity;
import dev.upkeep.reporter.control.ControlRows;
import dev.upkeep.reporter.result.EndingRows;
import dev.upkeep.reporter.result.Ends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The built-in rules on real histories. */
class RulesTest extends OnHistory {
    private static final Instant DAY_LATER = AT.plus(Duration.ofDays(1));

    private final List<Rule> rules = RulesFile.load(Optional.empty());

    @Test
    void aFailedTaskHoldsUntilItEndsWellWhoeverOrderedIt() {
        ended(result("nightly", "telemetry", "backup", Outcome.FAILED, AT));
        List<String> failed = holding("task-failed", AT.plusSeconds(60));

        ended(result("by-hand", "telemetry", "backup", Outcome.SUCCEEDED, AT.plusSeconds(600)));

        assertThat(failed).containsExactly("backup of telemetry failed");
        assertThat(holding("task-failed", AT.plusSeconds(700))).isEmpty();
    }

    @Test
    void runningOutOfTimeIsNoFailure() {
        ended(result("nightly", "telemetry", "purge", Outcome.PARTIAL, AT));

        assertThat(holding("task-failed", AT.plusSeconds(60))).isEmpty();
    }

    @Test
    void aTargetWhoseExecutorNeverAnsweredHolds() {
        history.write(session -> {
            EndingRows.storeStated(session, Ends.of(endedRun("nightly", "telemetry", Outcome.OFFLINE, AT), DAY_LATER));
            return 0;
        });

        assertThat(holding("run-not-carried-out", AT.plusSeconds(200)))
                .containsExactly("nightly was not carried out on telemetry: offline");
    }

    @Test
    void criticalFindingsHoldByCheckAndNameTheObject() {
        var disk = finding("disk", Severity.CRITICAL, "/var/backups", "97 %");
        var bloat = finding("bloat", Severity.WARNING, "events", "60 %");
        seen(AT, disk, bloat);

        assertThat(holding("critical-finding", AT.plusSeconds(60)))
                .containsExactly("disk on telemetry /var/backups: 97 %");
    }

    @Test
    void aBackupIsOverdueAfterOneAndAQuarterOfThePolicysInterval() {
        ended(result("nightly", "telemetry", "backup", Outcome.SUCCEEDED, AT));
        ended(result("nightly", "telemetry", "backup", Outcome.SUCCEEDED, AT.plus(Duration.ofHours(1))));
        Instant limit = AT.plus(Duration.ofHours(1)).plusSeconds(59).plus(Duration.ofMinutes(75 + 5));

        assertThat(holding("backup-overdue", limit)).isEmpty();
        assertThat(holding("backup-overdue", limit.plusSeconds(1)))
                .containsExactly("no successful backup of telemetry since 2026-11-21T03:00:59Z");
    }

    @Test
    void aBackupWithoutAPolicyIsOverdueAfter26Hours() {
        ended(result("nightly", "telemetry", "backup", Outcome.SUCCEEDED, AT));

        assertThat(holding("backup-overdue", AT.plus(Duration.ofHours(26)))).isEmpty();
        assertThat(holding("backup-overdue", AT.plus(Duration.ofHours(27)))).hasSize(1);
    }

    @Test
    void aDatabaseThatNeverHadABackupIsOnlyOverdueIfItMustHaveOne() throws IOException {
        stated(AT, database("telemetry"));
        Rule must = file("""
                        rules:
                          - name: backup-overdue
                            when: {kind: task-overdue, task: backup, must: {labels: [env=prod]}}
                        """).get(0);

        assertThat(holding("backup-overdue", DAY_LATER)).isEmpty();
        assertThat(history.<Integer>read(
                        session -> must.check(new Facts(session, DAY_LATER)).size()))
                .isEqualTo(1);
    }

    @Test
    void aControlExplainsWhatIsNotDone() {
        stated(AT, database("telemetry"));
        ended(result("nightly", "telemetry", "backup", Outcome.SUCCEEDED, AT));
        Instant later = AT.plus(Duration.ofDays(3));
        history.write(session -> {
            ControlRows.store(
                    session,
                    List.of(new Control(
                            new ControlId("move"),
                            Control.Kind.BLACKOUT,
                            Optional.empty(),
                            Optional.empty(),
                            "ops",
                            "moving house",
                            AT,
                            later.plusSeconds(60))));
            return 0;
        });

        assertThat(explained("backup-overdue", later)).containsExactly(true);
        assertThat(explained("backup-overdue", later.plusSeconds(61))).containsExactly(false);
    }

    @Test
    void aDatabaseThatIsGoneRaisesNothing() {
        stated(AT, database("telemetry"));
        ended(result("nightly", "telemetry", "backup", Outcome.FAILED, AT));
        stated(AT.plusSeconds(30));

        assertThat(holding("task-failed", AT.plusSeconds(60))).isEmpty();
    }

    @Test
    void aMistakeInTheRulesFileStopsTheStartAndSaysWhere() {
        assertThatThrownBy(() -> file("""
                        rules:
                          - name: slow
                            for: 5 minutes
                            when: {kind: finding-open}
                        """))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("rules[0].for")
                .hasMessageContaining("rules.yaml");
        assertThatThrownBy(() -> file("rules: [{name: a, when: {kind: no-such-kind}}]"))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("no-such-kind");
        assertThatThrownBy(() -> file("rules: [{name: a, colour: red, when: {kind: finding-open}}]"))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("colour");
    }

    private List<Rule> file(String yaml) throws IOException {
        Path file = folder.resolve("rules.yaml");
        Files.writeString(file, yaml);
        return RulesFile.load(Optional.of(file));
    }

    private List<String> holding(String rule, Instant now) {
        return check(rule, now).stream().map(one -> one.text().summary()).toList();
    }

    private List<Boolean> explained(String rule, Instant now) {
        return check(rule, now).stream().map(Holding::explained).toList();
    }

    private List<Holding> check(String rule, Instant now) {
        Rule named = rules.stream()
                .filter(one -> one.name().equals(rule))
                .findFirst()
                .orElseThrow();
        return history.read(session -> named.check(new Facts(session, now)));
    }
}
