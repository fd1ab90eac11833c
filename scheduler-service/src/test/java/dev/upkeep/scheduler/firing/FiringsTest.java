package dev.upkeep.scheduler.firing;

import static dev.upkeep.scheduler.fixture.Fixtures.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.PolicyName;
import dev.upkeep.scheduler.policy.Policy;
import dev.upkeep.scheduler.policy.PolicySet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /**
     * The clock steps through the night by steps of its own, is set back by two hours after each firing and, at the end, forward
     * by a day. The firings were worked out by hand, like those of CronTimetableTest; the last stands for all that a jump left out.
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            30 2 * * *   | Europe/Berlin       | 2025-03-29T20:00:00Z | 2025-03-30T01:00:00Z 2025-03-31T00:30:00Z
            30 2 * * *   | Europe/Berlin       | 2025-10-25T20:00:00Z | 2025-10-26T00:30:00Z 2025-10-27T01:30:00Z
            30 2 * * *   | America/New_York    | 2025-03-09T02:00:00Z | 2025-03-09T07:00:00Z 2025-03-10T06:30:00Z
            30 1 * * *   | America/New_York    | 2025-11-02T02:00:00Z | 2025-11-02T05:30:00Z 2025-11-03T06:30:00Z
            45 1 * * *   | Australia/Lord_Howe | 2025-04-05T10:00:00Z | 2025-04-05T14:45:00Z 2025-04-06T15:15:00Z
            15 2 * * *   | Australia/Lord_Howe | 2025-10-04T10:00:00Z | 2025-10-04T15:30:00Z 2025-10-05T15:15:00Z
            0 12 29 2 *  | UTC                 | 2028-02-29T09:00:00Z | 2028-02-29T12:00:00Z
            59 23 31 12 * | Asia/Kolkata       | 2026-12-31T15:00:00Z | 2026-12-31T18:29:00Z
            0 0 1 1 *    | Pacific/Auckland    | 2026-12-31T08:00:00Z | 2026-12-31T11:00:00Z
            0 3 * * *    | Europe/Moscow       | 2025-03-29T20:00:00Z | 2025-03-30T00:00:00Z 2025-03-31T00:00:00Z
            """)
    void firesEachOnceThoughTheClockIsSetBackAndForwardInTheNightThatChanges(
            String cron, String zone, Instant start, String expected) {
        Policy policy = policy("schedule: {cron: \"" + cron + "\", zone: " + zone + "}");
        decided = start;
        Instant now = start;
        Instant end = start.plus(Duration.ofHours(10));
        int step = 1;
        while (now.isBefore(end)) {
            int before = fired.size();
            tick(policy, now);
            now = fired.size() > before ? now.minus(Duration.ofHours(2)) : now.plusSeconds(step);
            step = step % 89 + 7;
        }
        tick(policy, end.plus(Duration.ofDays(1)));

        assertThat(fired)
                .isEqualTo(Arrays.stream(expected.split(" ", -1))
                        .map(Instant::parse)
                        .toList());
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
