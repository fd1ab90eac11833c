package dev.upkeep.reporter.retention;

import static dev.upkeep.reporter.Messages.AT;
import static dev.upkeep.reporter.Messages.endedRun;
import static dev.upkeep.reporter.Messages.result;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.result.EndingRows;
import dev.upkeep.reporter.result.Ends;
import dev.upkeep.reporter.result.Received;
import dev.upkeep.reporter.result.ResultRows;
import dev.upkeep.reporter.run.RunRows;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PruningTest {
    private static final Duration KEEP = Duration.ofDays(90);

    @TempDir
    Path folder;

    private History history;

    @BeforeEach
    void open() {
        history = History.open("jdbc:sqlite:" + folder.resolve("history.db"), Optional.empty(), Optional.empty());
    }

    @AfterEach
    void close() {
        history.close();
    }

    @Test
    void keepsResultsExactlyAsOldAsTheLimit() {
        Result result = result("nightly", "telemetry", "backup", Outcome.SUCCEEDED, AT);
        store(List.of(result));

        prune(result.endedAt().plus(KEEP));
        long at = number("SELECT count(*) FROM result");
        prune(result.endedAt().plus(KEEP).plusMillis(1));

        assertThat(at).isEqualTo(1);
        assertThat(number("SELECT count(*) FROM result")).isZero();
    }

    @Test
    void goesOnUntilAllThatIsOldIsGone() {
        List<Result> many = new ArrayList<>();
        for (int i = 0; i < 2_500; i++) {
            many.add(result("minutely", "telemetry", "analyze", Outcome.SUCCEEDED, AT.plusSeconds(60L * i)));
        }
        store(many);

        prune(AT.plus(KEEP).plus(Duration.ofDays(30)));

        assertThat(number("SELECT count(*) FROM result")).isZero();
    }

    @Test
    void neverForgetsHowTasksLastEnded() {
        store(List.of(result("nightly", "telemetry", "backup", Outcome.FAILED, AT)));

        prune(AT.plus(Duration.ofDays(4_000)));

        assertThat(number("SELECT count(*) FROM ending WHERE subject = 'task:backup'"))
                .isEqualTo(1);
    }

    @Test
    void letsGoOfRunsWithTheirTargets() {
        history.write(
                session -> RunRows.store(session, List.of(endedRun("nightly", "telemetry", Outcome.OFFLINE, AT))));

        prune(AT.plus(Duration.ofDays(91)));

        assertThat(number("SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM run_part)"
                        + " + (SELECT count(*) FROM target)"))
                .isZero();
    }

    private void store(List<Result> results) {
        history.write(session -> {
            ResultRows.store(session, results.stream().map(Received::of).toList(), AT.plus(Duration.ofDays(60)));
            results.forEach(result -> EndingRows.store(session, Ends.of(result, result.endedAt())));
            return 0;
        });
    }

    private void prune(Instant now) {
        new Pruning(history, KEEP, Duration.ofDays(400)).prune(now);
    }

    private long number(String sql) {
        return history.read(session -> session.number(sql));
    }
}
