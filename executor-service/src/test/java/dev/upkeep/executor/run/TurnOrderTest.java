package dev.upkeep.executor.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnOrderTest {
    private static final Instant NOW = Instant.parse("2026-11-21T02:00:00Z");
    private static final Instant END = NOW.plusSeconds(3_600);
    private static final Limits LIMITS = new Limits(1, 2, 100, Duration.ofSeconds(1));

    private static Job changing(long seq, String database) {
        return job(seq, database, true, false, false);
    }

    private static Job heavy(long seq, String database) {
        return job(seq, database, true, true, false);
    }

    private static Job reading(long seq, String database) {
        return job(seq, database, false, false, false);
    }

    private static Job urgent(long seq, String database) {
        return job(seq, database, true, false, true);
    }

    private static Job job(long seq, String database, boolean exclusive, boolean heavy, boolean urgent) {
        return new Job(
                seq, new CommandId("c" + seq), new DatabaseId(database), exclusive, heavy, urgent, true, NOW, END, END);
    }

    private static List<Long> next(List<Job> waiting, Job... running) {
        return Turns.next(waiting, List.of(running), LIMITS, NOW).stream()
                .map(Job::seq)
                .toList();
    }

    @Test
    void oneChangingJobPerDatabaseInOrderOfArrival() {
        assertThat(next(List.of(changing(1, "a"), changing(2, "a"), changing(3, "b"))))
                .containsExactly(1L, 3L);
    }

    @Test
    void readingJobsGoBesideAChangingOne() {
        assertThat(next(List.of(changing(2, "a"), reading(3, "a")), changing(1, "a")))
                .containsExactly(3L);
    }

    @Test
    void heavyJobsAreLimitedPerHost() {
        assertThat(next(List.of(heavy(1, "a"), heavy(2, "b"), changing(3, "c"))))
                .containsExactly(1L, 3L);
    }

    @Test
    void lightJobsAreLimitedPerHostToo() {
        assertThat(next(List.of(reading(1, "a"), reading(2, "b"), reading(3, "c"))))
                .containsExactly(1L, 2L);
    }

    @Test
    void aJobThatWaitsForAHeavyPlaceHoldsUpThoseBehindItOnItsDatabase() {
        assertThat(next(List.of(heavy(2, "b"), changing(3, "b"), reading(4, "b")), heavy(1, "a")))
                .containsExactly(4L);
    }

    @Test
    void aJobThatWaitsForAnotherTryKeepsItsPlace() {
        Job retry = changing(1, "a").again(NOW.plusSeconds(5));

        assertThat(next(List.of(retry, changing(2, "a")))).isEmpty();
    }

    @Test
    void aJobWhoseWindowHasNotOpenedHoldsUpNobody() {
        Job later = new Job(
                1, new CommandId("c1"), new DatabaseId("a"), true, false, false, true, NOW.plusSeconds(60), END, END);

        assertThat(next(List.of(later, changing(2, "a")))).containsExactly(2L);
    }

    @Test
    void urgentJobsWaitForNobody() {
        assertThat(next(List.of(urgent(3, "a")), changing(1, "a"), reading(2, "b")))
                .containsExactly(3L);
    }

    @Test
    void aJobPastItsStartIsEndedWithoutWaitingForItsTurn() {
        Job late = new Job(
                2, new CommandId("c2"), new DatabaseId("a"), true, false, false, true, NOW, NOW.minusSeconds(1), END);

        assertThat(next(List.of(late), changing(1, "a"))).containsExactly(2L);
    }
}
