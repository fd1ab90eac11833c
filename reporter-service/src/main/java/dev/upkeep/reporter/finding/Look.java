package dev.upkeep.reporter.finding;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.reporter.history.Json;
import dev.upkeep.reporter.result.ResultRows;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * One task's look at one database, and what it found.
 *
 * @param source the task with its parameters: another set of parameters looks at other things
 * @param whole whether what it does not state is no longer so
 */
record Look(
        String database,
        String task,
        String source,
        String command,
        Instant at,
        boolean whole,
        List<Finding> findings) {

    /** The looks in a result; a dry run is not taken for one. */
    static List<Look> of(Result result, Instant now) {
        List<Look> looks = new ArrayList<>();
        if (result.dryRun()) {
            return looks;
        }
        for (TaskResult task : result.tasks()) {
            Instant ended = task.endedAt().orElse(result.endedAt());
            looks.add(new Look(
                    result.database().text(),
                    task.task(),
                    task.task() + "#"
                            + Integer.toHexString(Json.text(task.parameters()).hashCode()),
                    result.command().text(),
                    ResultRows.notAhead(ended, now),
                    task.outcome().isGood() && !task.truncated(),
                    task.findings()));
        }
        return looks;
    }
}
