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
import dev.upkeep.common.task.Task;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.fence.Fence;
import dev.upkeep.executor.guardrail.Guardrails;
import dev.upkeep.executor.journal.Entry;
import dev.upkeep.executor.journal.Journal;
import dev.upkeep.executor.operation.CrashPoint;
import dev.upkeep.executor.operation.Failure;
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
    private static final Duration CHECK_EVERY = Duration.ofSeconds(1);

    private final Host host;
    private final Guardrails guardrails;
    private final Journal journal;
    private final Records records;
    private final ProgressSink progress;
    private final RetryPolicy retry;

    CommandRun(
            Host host,
            Guardrails guardrails,
            Journal journal,
            Records records,
            ProgressSink progress,
            RetryPolicy retry) {
        this.host = host;
        this.guardrails = guardrails;
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

    /** Ends a journalled command that this version cannot read any more, or whose steps it cannot. */
    void giveUp(Entry entry, String problem) {
        boolean isBegun = entry.attempts() > 0;
        Reason reason = new Reason(
                isBegun ? Code.INTERRUPTED : Code.INVALID,
                "what the journal has of it cannot be read any more: " + problem
                        + (isBegun
                                ? "; look at what it has done, and order it anew"
                                : "; it was not begun, order it anew"));
        Optional<Identity> identity = Identity.of(entry.body());
        if (identity.isEmpty()) {
            journal.abandon(entry.id());
            LOG.errorf(
                    "command=%s ended without a result, as not even its database can be read: %s", entry.id(), reason);
            return;
        }
        Result result = identity.get()
                .refused(
                        host.executor(),
                        isBegun ? Outcome.INTERRUPTED : Outcome.REJECTED,
                        reason,
                        host.clock().instant());
        journal.end(entry.id(), records.of(Message.RESULT, result, entry.traceparent()));
        LOG.errorf("command=%s database=%s outcome=%s %s", entry.id(), result.database(), result.outcome(), reason);
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
        // it may have waited here for days, and over a restart with tighter guardrails
        return guardrails.refusal(command).map(reason -> Ending.before(Outcome.REJECTED, reason));
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
                    return stopped(stopped.get(), stop.halted(), results, entry, command);
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
            Task task = command.steps().get(position).task();
            boolean crashesIt = before.get().crashes() + 1 >= MOST_CRASHES;
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
        Optional<StepEnd> refused = refused(command, position, before, run);
        if (refused.isPresent()) {
            return refused.get();
        }
        StepEnd end = run.run(command, position, before, holding.database(), holding);
        if (end instanceof StepEnd.Ended ended) {
            telling.always(Progress.Kind.STEP_ENDED, ended.result().outcome().name());
        } else if (end instanceof StepEnd.Again again) {
            telling.always(
                    Progress.Kind.RETRYING,
                    again.reason() + "; again in " + again.pause().toSeconds() + " s");
        }
        return end;
    }

    /** What the guardrails have against the step by now: the STOP file stops what was begun, the others refuse. */
    private Optional<StepEnd> refused(Command command, int position, Optional<Entry.Step> before, StepRun run) {
        Task task = command.steps().get(position).task();
        Optional<Reason> stopped = task.writes() ? guardrails.stopped() : Optional.empty();
        return stopped.or(() -> guardrails.refusal(command.database(), task))
                .map(reason -> new StepEnd.Ended(run.without(
                        task,
                        before.map(Entry.Step::startedAt),
                        stopped.isPresent() ? Outcome.CANCELLED : Outcome.REJECTED,
                        reason)));
    }

    private Next again(Command command, int position, StepEnd.Again again) {
        journal.failed(command.id());
        LOG.debugf("command=%s step=%d again: %s", command.id(), position, again.reason());
        return new Next(Optional.of(host.clock().instant().plus(again.pause())));
    }

    private Next left(Command command) {
        journal.pause(command.id());
        return new Next(Optional.of(host.clock().instant().plus(Duration.ofDays(1))));
    }

    private Next stopped(
            Stop stop, Optional<Reason> guardrail, List<TaskResult> results, Entry entry, Command command) {
        return switch (stop) {
            case SHUTDOWN -> left(command);
            case CANCELLED ->
                end(
                        new Ending(
                                results,
                                Optional.of(new Ending.Stopped(
                                        Outcome.CANCELLED,
                                        guardrail.orElseGet(() -> cancelled(journal.find(command.id())
                                                .flatMap(Entry::cancelled)
                                                .orElse("by request")))))),
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
    private final class Holding implements AutoCloseable, StepRun.Hold {
        private final Database database;
        private Optional<Fence> fence = Optional.empty();
        private long checkedAt;

        Holding(Database database) {
            this.database = database;
        }

        Database database() {
            return database;
        }

        @Override
        public Optional<Reason> take() throws SQLException, IOException {
            if (fence.isPresent() && !fence.get().isHeld()) {
                fence.get().close();
                fence = Optional.empty();
            }
            if (fence.isEmpty()) {
                fence = Optional.of(host.fences().hold(database));
                checkedAt = System.nanoTime();
            }
            return fence.get().refusal();
        }

        @Override
        public void check() {
            long now = System.nanoTime();
            if (fence.isEmpty() || now - checkedAt < CHECK_EVERY.toNanos()) {
                return;
            }
            checkedAt = now;
            if (!fence.get().isHeld()) {
                // the next try takes it again, or finds out who has it now
                throw new Failure(
                        Code.CONNECTION_LOST,
                        "the hold on database " + database.id()
                                + " was lost, so that another executor may have it; nothing more is changed without it");
            }
        }

        @Override
        public void close() {
            fence.ifPresent(Fence::close);
        }
    }
}
