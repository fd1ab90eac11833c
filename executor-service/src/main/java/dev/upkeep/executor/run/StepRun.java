package dev.upkeep.executor.run;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Progress;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.task.Effect;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.governor.Watch;
import dev.upkeep.executor.journal.Entry;
import dev.upkeep.executor.journal.Journal;
import dev.upkeep.executor.journal.JournalFailure;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.CrashPoint;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** One try at one step: calls the operation, and holds the one catch of the executor. Used by one thread. */
final class StepRun {
    private static final Logger LOG = Logger.getLogger(StepRun.class);

    private final Host host;
    private final Journal journal;
    private final RetryPolicy retry;
    private final StopSignal stop;
    private final Telling telling;

    StepRun(Host host, Journal journal, RetryPolicy retry, StopSignal stop, Telling telling) {
        this.host = host;
        this.journal = journal;
        this.retry = retry;
        this.stop = stop;
        this.telling = telling;
    }

    /** @param hold takes hold of the database, unless the command has it already */
    StepEnd run(Command command, int position, Optional<Entry.Step> before, Database database, Hold hold) {
        Task task = command.steps().get(position).task();
        journal.beginStep(command.id(), position);
        CrashPoint.hit("after-step-begin");
        telling.always(Progress.Kind.STEP, task.name());
        Instant startedAt = before.map(Entry.Step::startedAt).orElseGet(host.clock()::instant);
        int tries = before.map(Entry.Step::failures).orElse(0) + 1;
        Optional<String> cursor =
                before.flatMap(Entry.Step::cursor).or(() -> journal.keptCursor(LineOfWork.of(command, position)));
        try (Watch watch = host.governor().watch(database)) {
            Optional<Reason> refusal = task.effect() == Effect.READ_ONLY ? Optional.empty() : hold.take();
            if (refusal.isPresent()) {
                return end(task, startedAt, Outcome.REJECTED, refusal.get());
            }
            Attempt attempt = new RunningAttempt(
                    stop, watch, telling, hold, cursor, text -> journal.saveCursor(command.id(), position, text));
            Done done = perform(operation(task, database), command, task, database, attempt);
            CrashPoint.hit("after-perform");
            return ended(task, startedAt, done);
        } catch (JournalFailure e) {
            throw e;
        } catch (Exception e) {
            Reason reason = Problem.of(e, database);
            if (reason.code() == Code.INTERNAL) {
                LOG.errorf(e, "command=%s task=%s", command.id(), task.name());
            }
            return Problem.isRefusal(e, database)
                    ? end(task, startedAt, Outcome.REJECTED, reason)
                    : failed(task, startedAt, reason, tries);
        }
    }

    /** The hold on the command's database. */
    interface Hold {
        /** Takes it, unless the command has it already; says why nothing may be changed there all the same. */
        Optional<Reason> take() throws SQLException, IOException;

        /**
         * Looks whether it is still there, at most once a second.
         *
         * @throws dev.upkeep.executor.operation.Failure if it was taken and got lost
         */
        void check();
    }

    private Operation<?, ?> operation(Task task, Database database) {
        return host.catalogue()
                .find(task.getClass(), database.engine())
                .orElseThrow(() -> new IllegalStateException("admitted without an operation: " + task.name()));
    }

    private static <T extends Task, D extends Database> Done perform(
            Operation<T, D> operation, Command command, Task task, Database database, Attempt attempt)
            throws SQLException, IOException {
        Order<T> order = new Order<>(
                command.id(), operation.task().cast(task), command.asOf(), command.dryRun(), command.planHash());
        return operation.perform(order, operation.database().cast(database), attempt);
    }

    private StepEnd ended(Task task, Instant startedAt, Done done) {
        Optional<Stop> reason = stop.reason();
        if (done.outcome() == Outcome.PARTIAL && reason.isPresent()) {
            if (reason.get() == Stop.SHUTDOWN) {
                return new StepEnd.Left();
            }
            if (reason.get() == Stop.CANCELLED) {
                return new StepEnd.Ended(result(task, startedAt, Outcome.CANCELLED, Optional.of(cancelled()), done));
            }
        }
        return new StepEnd.Ended(result(task, startedAt, done.outcome(), done.reason(), done));
    }

    private StepEnd failed(Task task, Instant startedAt, Reason reason, int tries) {
        Optional<Stop> stopped = stop.reason();
        if (stopped.isPresent() && Problem.isBrokenOff(reason)) {
            return switch (stopped.get()) {
                case SHUTDOWN -> new StepEnd.Left();
                case CANCELLED -> end(task, startedAt, Outcome.CANCELLED, cancelled());
                case DEADLINE ->
                    end(
                            task,
                            startedAt,
                            Outcome.PARTIAL,
                            new Reason(
                                    Code.WINDOW_CLOSED, "out of time at " + stop.finishBy() + "; it was broken off"));
            };
        }
        Duration wait = retry.after(tries);
        boolean isInTime = host.clock().instant().plus(wait).isBefore(stop.finishBy());
        if (reason.code().isTransient() && tries < retry.attempts() && isInTime) {
            return new StepEnd.Again(reason, wait);
        }
        Reason tried = tries > 1 ? new Reason(reason.code(), reason.message() + "; tried " + tries + " times") : reason;
        return end(task, startedAt, Problem.outcomeOf(reason), tried);
    }

    private Reason cancelled() {
        return stop.halted().orElseGet(() -> new Reason(Code.CANCELLED, "stopped by a person's order"));
    }

    private StepEnd end(Task task, Instant startedAt, Outcome outcome, Reason reason) {
        return new StepEnd.Ended(without(task, Optional.of(startedAt), outcome, reason));
    }

    /** The result of a step that brought nothing to report. */
    TaskResult without(Task task, Optional<Instant> startedAt, Outcome outcome, Reason reason) {
        return new TaskResult(
                task.name(),
                Wire.tree(task),
                outcome,
                Optional.of(reason),
                startedAt,
                Optional.of(host.clock().instant()),
                Optional.empty(),
                List.of(),
                List.of(),
                false);
    }

    private TaskResult result(Task task, Instant startedAt, Outcome outcome, Optional<Reason> reason, Done done) {
        return ResultSize.fitted(new TaskResult(
                task.name(),
                Wire.tree(task),
                outcome,
                reason,
                Optional.of(startedAt),
                Optional.of(host.clock().instant()),
                done.report().map(Wire::tree),
                done.findings(),
                done.measurements(),
                false));
    }
}
