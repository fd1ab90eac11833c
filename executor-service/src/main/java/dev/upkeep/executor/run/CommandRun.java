package dev.upkeep.executor.run;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.OnFailure;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Progress;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.fence.Fence;
import dev.upkeep.executor.journal.Entry;
import dev.upkeep.executor.journal.Journal;
import dev.upkeep.executor.operation.CrashPoint;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.publish.ProgressSink;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Carries out commands: the checks of time before the start and between the steps, each step's end journalled, and the one log
 * line at the end. A command that was begun before goes on after its last ended step. Thread-safe; each call works on one command.
 */
final class CommandRun {
    private static final Logger LOG = Logger.getLogger("dev.upkeep.executor.command");
    private static final int MOST_CRASHES = 5;

    private final Host host;
    private final Journal journal;
    private final Records records;
    private final ProgressSink progress;
    private final RetryPolicy retry;

    CommandRun(Host host, Journal journal, Records records, ProgressSink progress, RetryPolicy retry) {
        this.host = host;
        this.journal = journal;
        this.records = records;
        this.progress = progress;
        this.retry = retry;
    }

    /** What is to happen to the command next: nothing if it has ended, else another try at this time. */
    record Next(Optional<Instant> againAt) {
        static final Next ENDED = new Next(Optional.empty());
    }

    /** Tells that the command is journalled. */
    void accepted(Command command) {
        new Telling(progress, host.clock(), command, 0).always(Progress.Kind.ACCEPTED, "journalled");
    }

    Next run(Entry waiting, Command command, StopSignal stop) {
        Optional<Ending> tooLate = beforeStart(waiting, command);
        Optional<Database> database = host.databases().find(command.database());
        if (tooLate.isEmpty() && database.isEmpty()) {
            tooLate = Optional.of(Ending.before(
                    Outcome.REJECTED,
                    new Reason(Code.UNKNOWN_DATABASE, "this executor no longer has a database " + command.database())));
        }
        if (tooLate.isPresent()) {
            return end(tooLate.get(), waiting, command, waiting.startedAt());
        }
        journal.begin(command.id());
        CrashPoint.hit("after-claim");
        Entry entry = journal.find(command.id())
                .orElseThrow(() -> new IllegalStateException("the journal lost " + command.id()));
        new Telling(progress, host.clock(), command, 0).always(Progress.Kind.STARTED, "attempt " + entry.attempts());
        try (Holding holding = new Holding(database.get())) {
            return steps(entry, command, stop, holding);
        }
    }

    private Optional<Ending> beforeStart(Entry entry, Command command) {
        Instant now = host.clock().instant();
        if (entry.cancelled().isPresent()) {
            return Optional.of(new Ending(
                    ended(entry),
                    Optional.of(new Ending.Stopped(
                            Outcome.CANCELLED, cancelled(entry.cancelled().get())))));
        }
        if (entry.attempts() > 0) {
            return Optional.empty();
        }
        if (!now.isBefore(command.validity().finishBy())) {
            return Optional.of(Ending.before(
                    Outcome.OUTSIDE_WINDOW,
                    new Reason(
                            Code.WINDOW_CLOSED,
                            "its window closed at " + command.validity().finishBy() + " before it could start")));
        }
        if (now.isAfter(command.validity().startBy())) {
            return Optional.of(Ending.before(
                    Outcome.EXPIRED,
                    new Reason(
                            Code.TOO_LATE,
                            "its turn came after startBy, " + command.validity().startBy())));
        }
        return Optional.empty();
    }

    private static List<TaskResult> ended(Entry entry) {
        return entry.steps().stream().flatMap(step -> step.result().stream()).toList();
    }

    private static Reason cancelled(String words) {
        return new Reason(Code.CANCELLED, "cancelled " + words);
    }

    private Next steps(Entry entry, Command command, StopSignal stop, Holding holding) {
        List<TaskResult> results = new ArrayList<>();
        for (int i = 0; i < command.steps().size(); i++) {
            Step step = command.steps().get(i);
            Optional<Entry.Step> before = entry.step(i);
            TaskResult result;
            if (before.isPresent() && before.get().result().isPresent()) {
                result = before.get().result().get();
            } else {
                Optional<Stop> stopped = stop.reason();
                if (stopped.isPresent()) {
                    return stopped(stopped.get(), results, entry, command);
                }
                StepEnd end = step(command, i, before, stop, holding);
                if (end instanceof StepEnd.Left) {
                    return left(command);
                }
                if (end instanceof StepEnd.Again again) {
                    return again(command, i, again);
                }
                result = ((StepEnd.Ended) end).result();
                boolean goesOn = result.outcome() == Outcome.PARTIAL;
                journal.endStep(command.id(), i, result, new Journal.Continuation(LineOfWork.of(command, i), goesOn));
                CrashPoint.hit("after-step-end");
            }
            results.add(result);
            if (!result.outcome().isGood() && step.onFailure() == OnFailure.STOP) {
                break;
            }
        }
        return end(new Ending(results, Optional.empty()), entry, command, entry.startedAt());
    }

    private StepEnd step(Command command, int position, Optional<Entry.Step> before, StopSignal stop, Holding holding) {
        Telling telling = new Telling(progress, host.clock(), command, position);
        StepRun run = new StepRun(host, journal, retry, stop, telling);
        if (before.isPresent() && before.get().state() == Entry.State.RUNNING) {
            var task = command.steps().get(position).task();
            boolean crashesIt = before.get().attempts() >= MOST_CRASHES;
            if (!task.isRepeatable() || crashesIt) {
                String why = crashesIt
                        ? "the executor died " + MOST_CRASHES + " times in its middle"
                        : "the executor died in its middle, and repeating it blindly is not safe";
                return new StepEnd.Ended(run.without(
                        task,
                        Optional.of(before.get().startedAt()),
                        Outcome.INTERRUPTED,
                        new Reason(Code.INTERRUPTED, why)));
            }
        }
        StepEnd end = run.run(command, position, before, holding.database(), holding::take);
        if (end instanceof StepEnd.Ended ended) {
            telling.always(Progress.Kind.STEP_ENDED, ended.result().outcome().name());
        } else if (end instanceof StepEnd.Again again) {
            telling.always(
                    Progress.Kind.RETRYING,
                    again.reason() + "; again in " + again.pause().toSeconds() + " s");
        }
        return end;
    }

    private Next again(Command command, int position, StepEnd.Again again) {
        journal.pause(command.id());
        LOG.debugf("command=%s step=%d again: %s", command.id(), position, again.reason());
        return new Next(Optional.of(host.clock().instant().plus(again.pause())));
    }

    private Next left(Command command) {
        journal.pause(command.id());
        return new Next(Optional.of(host.clock().instant().plus(Duration.ofDays(1))));
    }

    private Next stopped(Stop stop, List<TaskResult> results, Entry entry, Command command) {
        return switch (stop) {
            case SHUTDOWN -> left(command);
            case CANCELLED ->
                end(
                        new Ending(
                                results,
                                Optional.of(new Ending.Stopped(
                                        Outcome.CANCELLED,
                                        cancelled(journal.find(command.id())
                                                .flatMap(Entry::cancelled)
                                                .orElse("by request"))))),
                        entry,
                        command,
                        entry.startedAt());
            case DEADLINE ->
                end(
                        new Ending(
                                results,
                                Optional.of(new Ending.Stopped(
                                        Outcome.PARTIAL,
                                        new Reason(
                                                Code.WINDOW_CLOSED,
                                                "out of time at "
                                                        + command.validity().finishBy() + "; "
                                                        + (command.steps().size() - results.size())
                                                        + " of its tasks were not done")))),
                        entry,
                        command,
                        entry.startedAt());
        };
    }

    private Next end(Ending ending, Entry entry, Command command, Optional<Instant> startedAt) {
        Instant now = host.clock().instant();
        Result result = ending.result(command, entry, startedAt, now);
        CrashPoint.hit("before-result");
        journal.end(command.id(), records.of(Message.RESULT, result, entry.traceparent()));
        CrashPoint.hit("after-result");
        log(result, command);
        return Next.ENDED;
    }

    private static void log(Result result, Command command) {
        String why = result.reasons().isEmpty() ? "" : " (" + result.reasons().get(0) + ")";
        LOG.infof(
                "command ended%s command=%s database=%s task=%s outcome=%s took=%s",
                why,
                result.command(),
                result.database(),
                command.steps().stream().map(step -> step.task().name()).collect(Collectors.joining(",")),
                dev.upkeep.common.wire.EnumText.of(result.outcome()),
                result.startedAt()
                        .map(started -> Duration.between(started, result.endedAt()))
                        .orElse(Duration.ZERO));
    }

    /** The command's hold on its database: taken when the first step needs it, and kept to the end. */
    private final class Holding implements AutoCloseable {
        private final Database database;
        private Optional<Fence> fence = Optional.empty();

        Holding(Database database) {
            this.database = database;
        }

        Database database() {
            return database;
        }

        void take() throws SQLException, IOException {
            if (fence.isPresent() && !fence.get().isHeld()) {
                fence.get().close();
                fence = Optional.empty();
            }
            if (fence.isEmpty()) {
                fence = Optional.of(host.fences().hold(database));
            }
        }

        @Override
        public void close() {
            fence.ifPresent(Fence::close);
        }
    }
}
