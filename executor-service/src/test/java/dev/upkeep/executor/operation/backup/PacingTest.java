package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.executor.operation.backup.BackupSettings.Pace;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PacingTest {
    private static final long RATE = 1_000_000;

    private long now = 5_000_000_000L;
    private long longestPause;
    private long shortestPause = Long.MAX_VALUE;

    /** Works through so many bytes, each slice in so long; returns the time. */
    private Duration work(Pacing pacing, long bytes, Duration slice, Duration overslept) {
        long begin = now;
        for (long done = 0; done < bytes; done += pacing.slice()) {
            now += slice.toNanos();
            long pause = pacing.after(pacing.slice()).toNanos();
            if (pause > 0) {
                longestPause = Math.max(longestPause, pause);
                shortestPause = Math.min(shortestPause, pause);
                now += pause + overslept.toNanos();
                pacing.paused();
            }
        }
        return Duration.ofNanos(now - begin);
    }

    @Test
    void keepsTheRateInSmallEvenSteps() {
        Pacing pacing = new Pacing(Pace.FAST, Optional.of(RATE), () -> now);

        Duration took = work(pacing, 10 * RATE, Duration.ofMillis(1), Duration.ZERO);

        assertThat(took).isBetween(Duration.ofMillis(9_960), Duration.ofMillis(10_040));
        assertThat(Duration.ofNanos(longestPause)).isLessThan(Duration.ofMillis(25));
    }

    @Test
    void keepsTheRateThoughEachPauseTakesLonger() {
        Pacing pacing = new Pacing(Pace.FAST, Optional.of(RATE), () -> now);

        Duration took = work(pacing, 10 * RATE, Duration.ofMillis(1), Duration.ofMillis(3));

        assertThat(took).isBetween(Duration.ofMillis(9_960), Duration.ofMillis(10_100));
    }

    @Test
    void doesNotCatchUpAfterAStandstill() {
        Pacing pacing = new Pacing(Pace.FAST, Optional.of(RATE), () -> now);
        now += Duration.ofSeconds(30).toNanos();

        Duration took = work(pacing, RATE, Duration.ofNanos(1_000), Duration.ZERO);

        assertThat(took).isGreaterThan(Duration.ofMillis(960));
    }

    @Test
    void theGentlePacePausesInProportionToTheWork() {
        Pacing pacing = new Pacing(Pace.GENTLE, Optional.empty(), () -> now);
        int slices = 1000;

        Duration took =
                work(pacing, (long) slices * pacing.slice(), Duration.ofNanos(200_000), Duration.ofNanos(70_000));

        Duration work = Duration.ofNanos(200_000).multipliedBy(slices);
        assertThat(took.toNanos() / (double) work.toNanos()).isBetween(1.7, 1.8);
        assertThat(Duration.ofNanos(shortestPause)).isGreaterThanOrEqualTo(Duration.ofMillis(1));
        assertThat(Duration.ofNanos(longestPause)).isLessThan(Duration.ofMillis(2));
    }

    @Test
    void theFastPaceWithoutARateNeverPauses() {
        Pacing pacing = new Pacing(Pace.FAST, Optional.empty(), () -> now);

        work(pacing, 100L * pacing.slice(), Duration.ofSeconds(1), Duration.ZERO);

        assertThat(longestPause).isZero();
    }
}
