package dev.upkeep.executor.run;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.executor.journal.Entry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a command ends, worked out from how its tasks did: the gravest outcome of a task is the command's.
 *
 * @param stopped an outcome that lies in the command rather than in a task, such as cancelled, and why
 */
record Ending(List<TaskResult> tasks, Optional<Stopped> stopped) {
    /** From gravest to best. */
    private static final List<Outcome> GRAVITY = List.of(
            Outcome.FAILED,
            Outcome.INTERRUPTED,
            Outcome.CANCELLED,
            Outcome.REJECTED,
            Outcome.CONTENDED,
            Outcome.OUTSIDE_WINDOW,
            Outcome.EXPIRED,
            Outcome.PARTIAL,
            Outcome.SKIPPED,
            Outcome.OFFLINE,
            Outcome.SUCCEEDED,
            Outcome.NOTHING_TO_DO);

    /** What stopped the command as a whole. */
    record Stopped(Outcome outcome, Reason reason) {}

    Ending {
        tasks = List.copyOf(tasks);
    }

    static Ending before(Outcome outcome, Reason reason) {
        return new Ending(List.of(), Optional.of(new Stopped(outcome, reason)));
    }

    Outcome outcome() {
        int gravest = GRAVITY.size() - 1;
        for (TaskResult task : tasks) {
            gravest = Math.min(gravest, GRAVITY.indexOf(task.outcome()));
        }
        if (stopped.isPresent()) {
            gravest = Math.min(gravest, GRAVITY.indexOf(stopped.get().outcome()));
        }
        return GRAVITY.get(gravest);
    }

    private List<Reason> reasons() {
        List<Reason> reasons = new ArrayList<>();
        for (TaskResult task : tasks) {
            if (!task.outcome().isGood()) {
                task.reason()
                        .ifPresent(reason ->
                                reasons.add(new Reason(reason.code(), task.task() + ": " + reason.message())));
            }
        }
        stopped.ifPresent(why -> reasons.add(why.reason()));
        return reasons;
    }

    Result result(Command command, Entry entry, Optional<Instant> startedAt, Instant endedAt) {
        return ResultSize.fitted(Result.of(
                command, outcome(), reasons(), entry.attempts(), entry.receivedAt(), startedAt, endedAt, tasks));
    }
}
