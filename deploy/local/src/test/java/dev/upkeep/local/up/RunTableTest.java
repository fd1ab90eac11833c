package dev.upkeep.local.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunTableTest {
    private static final RunLine LINE = new RunLine(
            Instant.EPOCH,
            "nightly@2026-11-21T02:00Z",
            "telemetry",
            "failed",
            "backup, purge (failed)",
            Optional.of(Duration.ofMillis(1_250)),
            "lock\nnot granted",
            true,
            false);

    @Test
    void alignsTheColumns() {
        assertThat(new RunTable(List.of(LINE), 200).text())
                .containsExactly(
                        "RUN                        DATABASE   STATE   TOOK   TASKS                   NOTE",
                        "nightly@2026-11-21T02:00Z  telemetry  failed  1.3 s  backup, purge (failed)  lock not granted");
    }

    @Test
    void cutsWhatDoesNotFitTheTerminal() {
        assertThat(new RunTable(List.of(LINE), 40).text())
                .isNotEmpty()
                .allMatch(line -> line.length() == 40 && line.endsWith("…"));
    }
}
