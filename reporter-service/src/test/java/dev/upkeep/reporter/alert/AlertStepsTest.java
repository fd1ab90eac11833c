package dev.upkeep.reporter.alert;

import static dev.upkeep.reporter.Messages.AT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.result.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AlertStepsTest {
    private static final Holding DISK = holding("97 %");

    private final Map<String, Standing> standing = new LinkedHashMap<>();
    private final List<String> told = new ArrayList<>();
    private int reminders;

    @Test
    void tellsOnceThatItFiresAndOnceThatItIsOver() {
        Rule rule = rule(Duration.ZERO, Duration.ZERO);

        look(rule, 0, DISK);
        look(rule, 15, DISK);
        look(rule, 30);
        look(rule, 45);

        assertThat(told).containsExactly("0 firing", "30 resolved");
    }

    @Test
    void firesOnlyAfterItHeldForLongEnough() {
        Rule rule = rule(Duration.ofSeconds(60), Duration.ZERO);

        look(rule, 0, DISK);
        look(rule, 59, DISK);
        List<String> before = List.copyOf(told);
        look(rule, 60, DISK);

        assertThat(before).isEmpty();
        assertThat(told).containsExactly("60 firing");
    }

    @Test
    void forgetsWhatCeasedBeforeItFired() {
        Rule rule = rule(Duration.ofSeconds(60), Duration.ZERO);

        look(rule, 0, DISK);
        look(rule, 30);
        look(rule, 40, DISK);
        look(rule, 90, DISK);

        assertThat(told).isEmpty();
        assertThat(standing).hasSize(1);
    }

    @Test
    void resolvesOnlyAfterItWasGoneForLongEnough() {
        Rule rule = rule(Duration.ZERO, Duration.ofSeconds(60));

        look(rule, 0, DISK);
        look(rule, 30);
        look(rule, 60, DISK);
        look(rule, 90);
        look(rule, 149);
        List<String> before = List.copyOf(told);
        look(rule, 150);

        assertThat(before).containsExactly("0 firing");
        assertThat(told).containsExactly("0 firing", "150 resolved");
    }

    @Test
    void firesAnewAfterItWasResolved() {
        Rule rule = rule(Duration.ZERO, Duration.ZERO);

        look(rule, 0, DISK);
        look(rule, 15);
        look(rule, 30, DISK);

        assertThat(told).containsExactly("0 firing", "15 resolved", "30 firing");
        assertThat(standing.values().iterator().next().alert().startsAt()).isEqualTo(AT.plusSeconds(30));
    }

    @Test
    void doesNotBeginWhileAControlExplainsItAndBeginsAfterwards() {
        Rule rule = rule(Duration.ZERO, Duration.ZERO);

        look(rule, 0, DISK.explainedIf(true));
        List<String> under = List.copyOf(told);
        look(rule, 15, DISK);

        assertThat(under).isEmpty();
        assertThat(told).containsExactly("15 firing");
    }

    @Test
    void whatFiredBeforeTheControlGoesOnWithoutReminders() {
        Rule rule = rule(Duration.ZERO, Duration.ZERO);

        look(rule, 0, DISK);
        look(rule, 7_200, DISK.explainedIf(true));

        assertThat(told).containsExactly("0 firing");
        assertThat(reminders).isZero();
        assertThat(standing.values()).extracting(Standing::state).containsExactly(Standing.State.FIRING);
    }

    @Test
    void remindsAtTheChosenIntervalOnly() {
        Rule rule = rule(Duration.ZERO, Duration.ZERO);

        look(rule, 0, DISK);
        look(rule, 3_599, DISK);
        int early = reminders;
        look(rule, 3_600, DISK);
        look(rule, 3_615, DISK);

        assertThat(early).isZero();
        assertThat(reminders).isEqualTo(1);
        assertThat(told).containsExactly("0 firing");
    }

    @Test
    void tellsAgainWhenItBecomesGraver() {
        Rule rule = rule(Duration.ZERO, Duration.ZERO);

        look(rule, 0, DISK.withSeverity(Severity.WARNING));
        look(rule, 15, DISK.withSeverity(Severity.CRITICAL));

        assertThat(told).containsExactly("0 firing", "15 firing");
    }

    @Test
    void resolvesWhatARemovedRuleLeft() {
        look(rule(Duration.ZERO, Duration.ZERO), 0, DISK);

        apply(Map.of(), 15);

        assertThat(told).containsExactly("0 firing", "15 resolved");
    }

    private static Holding holding(String value) {
        return Holding.onDatabase("telemetry", Map.of("check", "disk"), "disk " + value, "Free some space.");
    }

    private static Rule rule(Duration atLeast, Duration resolveAfter) {
        return new Rule(
                "critical-finding",
                Optional.of(Severity.CRITICAL),
                Optional.of(atLeast),
                Optional.of(resolveAfter),
                Optional.empty(),
                new FindingOpen(Optional.empty(), List.of()));
    }

    private void look(Rule rule, long second, Holding... holding) {
        apply(Map.of(rule, List.of(holding)), second);
    }

    /** As the service does: what is resolved is no longer asked for. */
    private void apply(Map<Rule, List<Holding>> holding, long second) {
        Instant now = AT.plusSeconds(second);
        AlertSteps steps = new AlertSteps(Optional.of(Duration.ofHours(1)), "docs/alerts.md#");
        Map<String, Standing> open = new LinkedHashMap<>(standing);
        open.values().removeIf(one -> one.state() == Standing.State.RESOLVED);
        AlertSteps.Outcome outcome = steps.step(open, holding, now);
        outcome.changed().forEach(one -> standing.put(one.fingerprint(), one));
        outcome.dropped().forEach(standing::remove);
        outcome.news().forEach(alert -> told.add(second + " " + word(alert)));
        reminders += outcome.reminders().size();
    }

    private static String word(Alert alert) {
        return alert.status() == Alert.Status.FIRING ? "firing" : "resolved";
    }
}
