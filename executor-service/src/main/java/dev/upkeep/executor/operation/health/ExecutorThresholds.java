package dev.upkeep.executor.operation.health;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.HealthCheck;
import java.util.Map;

/**
 * The limits that the executor's own configuration sets, over the built-in ones and under those of a policy.
 *
 * @param all by check, for all its databases
 * @param databases by database, then by check
 */
public record ExecutorThresholds(
        Map<String, HealthCheck.Limits> all, Map<DatabaseId, Map<String, HealthCheck.Limits>> databases) {
    public ExecutorThresholds {
        all = Map.copyOf(all);
        databases = Map.copyOf(databases);
    }

    /** No limits of its own. */
    public static ExecutorThresholds none() {
        return new ExecutorThresholds(Map.of(), Map.of());
    }
}
