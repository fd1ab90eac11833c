package dev.upkeep.reporter.alert;

import static dev.upkeep.reporter.Messages.registration;
import static dev.upkeep.reporter.Messages.result;
import static dev.upkeep.reporter.Messages.task;

import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.reporter.cleanup.KeepRows;
import dev.upkeep.reporter.finding.FindingRows;
import dev.upkeep.reporter.fleet.FleetRows;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.measurement.SeriesRows;
import dev.upkeep.reporter.result.EndingRows;
import dev.upkeep.reporter.result.Ends;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of rules on a real history, and what executors may have told about the database {@code telemetry}. */
abstract class OnHistory {
    @TempDir
    Path folder;

    History history;

    @BeforeEach
    void open() {
        history = History.open("jdbc:sqlite:" + folder.resolve("history.db"), Optional.empty(), Optional.empty());
    }

    @AfterEach
    void close() {
        history.close();
    }

    void write(Consumer<Session> change) {
        history.write(session -> {
            change.accept(session);
            return 0;
        });
    }

    void ended(Result result) {
        write(session -> EndingRows.store(session, Ends.of(result, result.endedAt())));
    }

    void seen(Instant at, Finding... findings) {
        Result result = result(
                "watch", "telemetry", task("health-check", Outcome.SUCCEEDED, at, List.of(findings), List.of()), at);
        write(session -> FindingRows.store(session, List.of(result), result.endedAt()));
    }

    void stated(Instant at, RegisteredDatabase... databases) {
        write(session -> FleetRows.store(session, List.of(registration(at, databases))));
    }

    /** @param where as on the wire */
    Result purged(Instant at, String keep, String where) {
        TaskResult plain = task("purge", Outcome.SUCCEEDED, at, List.of(), List.of());
        String task = "{\"type\":\"purge\",\"rules\":[{\"table\":\"events\",\"keep\":\"" + keep + "\",\"where\":"
                + where + "}]}";
        Result result = result(
                "cleanup",
                "telemetry",
                new TaskResult(
                        "purge",
                        Wire.readTree(task.getBytes(StandardCharsets.UTF_8)),
                        plain.outcome(),
                        plain.reason(),
                        plain.startedAt(),
                        plain.endedAt(),
                        plain.report(),
                        plain.findings(),
                        plain.measurements(),
                        false),
                at);
        write(session -> KeepRows.store(session, List.of(result), result.endedAt()));
        return result;
    }

    /** @param at when the task ended that measured */
    void measured(Instant at, Measurement measurement) {
        Instant nominal = at.minusSeconds(59);
        Result result = result(
                "sizes",
                "telemetry",
                task("assess", Outcome.SUCCEEDED, nominal, List.of(), List.of(measurement)),
                nominal);
        write(session -> new SeriesRows(100, 100).store(session, List.of(result), at.plusSeconds(60)));
    }
}
