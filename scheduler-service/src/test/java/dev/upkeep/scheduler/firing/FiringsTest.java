package dev.upkeep.scheduler.firing;

import static dev.upkeep.scheduler.fixture.Fixtures.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.PolicyName;
import dev.upkeep.scheduler.policy.Policy;
import dev.upkeep.scheduler.policy.PolicySet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Stepping through time by hand: every firing is found once, whatever the clock does. */
class FiringsTest {
    private static final Instant START = Instant.parse("2026-11-20T00:00:30Z");

    private final Firings firings = new Firings();
    private final List<Instant> fired = new ArrayList<>();
    private final List<Integer> others = new ArrayList<>();
    private Instant decided = START;

    private void tick(Policy policy, Instant now) {
        PolicySet policies = new PolicySet(Map.of(policy.name(), policy));
        Optional<Instant> last = fired.isEmpty() ? Optional.empty() : Optional.of(fired.get(fired.size() - 1));
        for (Firing firing : firings.due(policies, decided, now, (PolicyName name) -> last)) {
            fired.add(firing.nominal());
            others.add(firing.others());
        }
        decided = now.isAfter(decided) ? now : decided;
        firings.decided(decided);
    }

    @Test
    void findsEachFiringOnceAsTimePasses() {
        Policy policy = policy("schedule: {cron: \"0 * * * *\"}");

        for (Instant now = START; now.isBefore(START.plus(Duration.ofHours(5))); now = now.plusSeconds(7)) {
            tick(policy, now);
        }

        assertThat(fired)
                .containsExactly(
                        Instant.parse("2026-11-20T01:00:00Z"),
                        Instant.parse("2026-11-20T02:00:00Z"),
                        Instant.parse("2026-11-20T03:00:00Z"),
                        Instant.parse("2026-11-20T04:00:00Z"),
                        Instant.parse("2026-11-20T05:00:00Z"));
        assertThat(others).containsOnly(0);
    }

    @Test
    void firesNothingTwiceWhenTheClockIsSetBack() {
        Policy policy = policy("schedule: {cron: \"0 * * * *\"}");
        tick(policy, Instant.parse("2026-11-20T03:00:01Z"));

        for (Instant now = Instant.parse("2026-11-20T01:30:00Z");
                now.isBefore(Instant.parse("2026-11-20T04:00:01Z"));
                now = now.plusSeconds(20)) {
            tick(policy, now);
        }
        tick(policy, Instant.parse("2026-11-20T04:00:05Z"));

        assertThat(fired).containsExactly(Instant.parse("2026-11-20T03:00:00Z"), Instant.parse("2026-11-20T04:00:00Z"));
    }

    @Test
    void firesOnceForAllThatAForwardJumpLeftOut() {
        Policy policy = policy("schedule: {every: 10m}");
        tick(policy, Instant.parse("2026-11-20T00:10:01Z"));

        tick(policy, Instant.parse("2026-11-21T00:10:01Z"));

        assertThat(fired).containsExactly(Instant.parse("2026-11-20T00:10:00Z"), Instant.parse("2026-11-21T00:10:00Z"));
        assertThat(others).containsExactly(0, 143);
    }

    @Test
    void countsFromTheLastRunOnRecordWhenTheWatermarkIsOlder() {
        Policy policy = policy("schedule: {cron: \"0 * * * *\"}");
        fired.add(Instant.parse("2026-11-20T03:00:00Z"));

        tick(policy, Instant.parse("2026-11-20T03:00:20Z"));

        assertThat(fired).hasSize(1);
    }

    @Test
    void followsAPolicyWhoseScheduleChanges() {
        tick(policy("schedule: {cron: \"0 5 * * *\"}"), Instant.parse("2026-11-20T01:00:00Z"));
        tick(policy("schedule: {cron: \"30 1 * * *\"}"), Instant.parse("2026-11-20T01:30:00Z"));

        assertThat(fired).containsExactly(Instant.parse("2026-11-20T01:30:00Z"));
    }
}
