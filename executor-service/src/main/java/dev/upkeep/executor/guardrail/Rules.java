package dev.upkeep.executor.guardrail;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.request.Glob;
import dev.upkeep.common.task.Task;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The limits for one database, or for all.
 *
 * @param allowedTasks only these tasks; all if absent
 * @param deniedTasks never these
 * @param tables patterns of the tables that destructive tasks may name; none if absent
 * @param leastKeep no task may remove data younger than this
 */
public record Rules(
        Optional<List<String>> allowedTasks,
        List<String> deniedTasks,
        Optional<List<Glob>> tables,
        Optional<Duration> leastKeep) {
    public Rules {
        allowedTasks = allowedTasks.map(tasks -> known("allowed-tasks", tasks));
        deniedTasks = known("denied-tasks", deniedTasks);
        tables = tables.map(List::copyOf);
        leastKeep.ifPresent(keep -> Check.positive("least-keep", keep));
    }

    private static List<String> known(String field, List<String> tasks) {
        for (String task : tasks) {
            if (!Task.names().contains(task)) {
                throw new InvalidValue(field, task, "must be one of " + String.join(", ", Task.names()));
            }
        }
        return List.copyOf(tasks);
    }

    /** No limits of its own. */
    public static Rules none() {
        return new Rules(Optional.empty(), List.of(), Optional.empty(), Optional.empty());
    }

    /** These rules where they say something, the other's where they do not; what is denied by either is denied. */
    Rules over(Rules other) {
        return new Rules(
                allowedTasks.or(other::allowedTasks),
                java.util.stream.Stream.concat(deniedTasks.stream(), other.deniedTasks.stream())
                        .distinct()
                        .toList(),
                tables.or(other::tables),
                leastKeep.or(other::leastKeep));
    }
}
