package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.task.Backup.State;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What health checks are told of the backups of a database. */
class StandingTest {
    private static Manifest backup(String day) {
        return RetentionTest.backup(day + "T02:00:00Z", Method.LOGICAL, State.VERIFIED, Optional.empty());
    }

    @Test
    void comparesTheNewestWithTheMedianOfThoseBeforeItOnceThereAreThree() {
        List<Manifest> four =
                List.of(backup("2026-11-21"), backup("2026-11-20"), backup("2026-11-19"), backup("2026-11-18"));

        assertThat(Listing.standing(List.of())).isEmpty();
        assertThat(Listing.standing(four.subList(0, 3)).orElseThrow().shareOfMedian())
                .isEmpty();
        assertThat(Listing.standing(four).orElseThrow().shareOfMedian()).contains(1.0);
        assertThat(Listing.standing(four).orElseThrow().verified()).isEqualTo(4);
    }

    @Test
    void tellsTheLastDrill() {
        Instant drill = Instant.parse("2026-11-20T12:00:00Z");
        Manifest proven = backup("2026-11-20").proven(Optional.empty(), drill);

        assertThat(Listing.standing(List.of(backup("2026-11-21"), proven))
                        .orElseThrow()
                        .lastDrill())
                .contains(drill);
        assertThat(Listing.standing(List.of(backup("2026-11-21"))).orElseThrow().lastDrill())
                .isEmpty();
    }
}
