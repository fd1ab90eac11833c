package dev.upkeep.common.request;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.id.ExecutorId;
import java.util.List;

/**
 * Which databases. All parts that are given must hold; within a list of engines, databases or executors one must. A selector
 * without any part is refused unless it says {@code all}, so that a forgotten line cannot mean the whole fleet.
 *
 * @param databases patterns over database ids
 * @param executors patterns over executor ids
 */
public record Selector(
        List<LabelRule> labels, List<Engine> engines, List<Glob> databases, List<Glob> executors, boolean all) {
    public Selector {
        labels = Check.list("select.labels", labels);
        engines = Check.list("select.engines", engines);
        databases = Check.list("select.databases", databases);
        executors = Check.list("select.executors", executors);
        boolean none = labels.isEmpty() && engines.isEmpty() && databases.isEmpty() && executors.isEmpty();
        if (none && !all) {
            throw new InvalidValue(
                    "select", "{}", "must name labels, engines, databases or executors, or say all: true");
        }
        if (!none && all) {
            throw new InvalidValue("select.all", "true", "must stand alone");
        }
    }

    /** Whether this database, cared for by this executor, is meant. */
    public boolean matches(ExecutorId executor, RegisteredDatabase database) {
        return labels.stream().allMatch(rule -> rule.matches(database.labels()))
                && (engines.isEmpty() || engines.contains(database.engine()))
                && (databases.isEmpty()
                        || databases.stream()
                                .anyMatch(glob -> glob.matches(database.id().text())))
                && (executors.isEmpty() || executors.stream().anyMatch(glob -> glob.matches(executor.text())));
    }
}
