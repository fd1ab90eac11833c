package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PacerTest {
    private static final Duration TARGET = Duration.ofMillis(20);
    private static final Session.Rhythm GENTLE = new Session.Rhythm(TARGET, Duration.ofMillis(2), 2);

    @Test
    void growsQuicklyWhereSpeedComesFirstAndSlowlyWhereTheApplicationDoes() {
        Pacer fast = new Pacer(Session.Rhythm.fast(TARGET), 10_000);
        Pacer gentle = new Pacer(GENTLE, 10_000);

        fast.learn(100, Duration.ofMillis(1), 100, 50_000);
        gentle.learn(100, Duration.ofMillis(1), 100, 50_000);

        assertThat(fast.take()).isEqualTo(800);
        assertThat(gentle.take()).isEqualTo(200);
    }

    @Test
    void growsNoFurtherThanATransactionOfItsKindMay() {
        Pacer pacer = new Pacer(Session.Rhythm.fast(TARGET), 10_000);

        for (int i = 0; i < 10; i++) {
            pacer.learn(pacer.take(), Duration.ofMillis(1), pacer.take(), 50_000);
        }

        assertThat(pacer.take()).isEqualTo(50_000);
    }

    @Test
    void leavesRoomForDependants() {
        Pacer pacer = new Pacer(Session.Rhythm.fast(TARGET), 10_000);

        pacer.learn(100, Duration.ofMillis(1), 2_700, 10_000);

        assertThat(pacer.take()).isEqualTo(296);
    }

    @Test
    void takesLessOfRootsWithManyDependantsThanItBeginsWith() {
        Pacer pacer = new Pacer(GENTLE, 10_000);

        pacer.learn(100, Duration.ofMillis(60), 2_700, 10_000);

        assertThat(pacer.take()).isLessThan(100);
    }

    @Test
    void doesNotCreepWhereATransactionOfAnySizeTakesLongerThanWanted() {
        Pacer pacer = new Pacer(GENTLE, 10_000);

        for (int i = 0; i < 20; i++) {
            pacer.learn(pacer.take(), Duration.ofMillis(i == 10 ? 900 : 30), pacer.take(), 50_000);
        }

        assertThat(pacer.take()).isEqualTo(1_000);
    }

    @Test
    void doesNotCreepWhereATransactionOfAnySizeTakesMuchLongerThanWanted() {
        Pacer pacer = new Pacer(GENTLE, 10_000);
        pacer.learn(100, Duration.ofMillis(1), 100, 50_000);
        int least = Integer.MAX_VALUE;

        for (int i = 0; i < 40; i++) {
            pacer.learn(pacer.take(), Duration.ofMillis(300), pacer.take(), 50_000);
            least = Math.min(least, pacer.take());
        }

        assertThat(least).isGreaterThanOrEqualTo(50);
    }

    @Test
    void takesFewRowsWhereEachIsVerySlow() {
        Pacer pacer = new Pacer(GENTLE, 10_000);

        for (int i = 0; i < 20; i++) {
            pacer.learn(pacer.take(), Duration.ofMillis(2L * pacer.take()), pacer.take(), 50_000);
        }

        assertThat(pacer.take()).isLessThan(80);
    }

    @Test
    void settlesAtTheSizeThatTakesAsLongAsWantedThoughMomentsAreBusy() {
        Pacer pacer = new Pacer(GENTLE, 10_000);

        for (int i = 0; i < 40; i++) {
            Duration took = Duration.ofNanos(2_000L * pacer.take());
            pacer.learn(pacer.take(), i % 10 == 5 ? took.multipliedBy(6) : took, pacer.take(), 50_000);
        }

        assertThat(pacer.take()).isBetween(5_000, 11_000);
    }

    @Test
    void pausesAsManyTimesAsLongAsTheBatchTookButNotTooShortly() {
        Pacer gentle = new Pacer(GENTLE, 10_000);

        assertThat(gentle.pause(Duration.ofMillis(5))).isEqualTo(Duration.ofMillis(10));
        assertThat(gentle.pause(Duration.ofNanos(500_000))).isEqualTo(Duration.ofMillis(2));
        assertThat(new Pacer(Session.Rhythm.fast(TARGET), 10_000).pause(Duration.ofMillis(5)))
                .isZero();
    }
}
