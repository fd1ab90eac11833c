package dev.upkeep.executor.operation.health;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.HealthCheck;
import io.smallrye.config.ConfigMapping;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Limits of health checks on this executor: {@code upkeep.health.thresholds.<check>.warning} and {@code .critical} for all its
 * databases, {@code upkeep.health.databases.<id>.<check>.warning} for one. In the check's own unit: seconds, bytes, a share from
 * 0 to 1, or a count. A key {@code <check>@<table>} is for one table.
 */
@ConfigMapping(prefix = "upkeep.health")
public interface HealthSettings {
    /** By check; over the built-in limits. */
    Map<String, Limit> thresholds();

    /** By database, then by check; over those for all. */
    Map<String, Map<String, Limit>> databases();

    /** One check's limits. */
    interface Limit {
        /** From here on it is a warning. */
        Optional<Double> warning();

        /** From here on it is critical. */
        Optional<Double> critical();
    }

    /** Turns settings into thresholds; a check's name that no engine has stops the start. */
    @Singleton
    final class Producer {
        @Produces
        @Singleton
        static ExecutorThresholds thresholds(HealthSettings settings) {
            Map<DatabaseId, Map<String, HealthCheck.Limits>> databases = new HashMap<>();
            settings.databases().forEach((id, limits) -> databases.put(new DatabaseId(id), read(limits)));
            return new ExecutorThresholds(read(settings.thresholds()), databases);
        }

        /** The folders are settings of other features; of these only the places count here. */
        @Produces
        @Singleton
        static HostDisks disks(
                @ConfigProperty(name = "upkeep.backup.directory") Optional<Path> backups,
                @ConfigProperty(name = "upkeep.purge.directory") Optional<Path> archives) {
            Map<String, Path> folders = new HashMap<>();
            backups.ifPresent(folder -> folders.put("backups", folder.toAbsolutePath()));
            archives.ifPresent(folder -> folders.put("archives", folder.toAbsolutePath()));
            return new HostDisks(folders, Clock.systemUTC());
        }

        private static Map<String, HealthCheck.Limits> read(Map<String, Limit> limits) {
            Map<String, HealthCheck.Limits> all = new HashMap<>();
            limits.forEach((check, limit) -> all.put(check, new HealthCheck.Limits(limit.warning(), limit.critical())));
            Thresholds.unknown(all.keySet()).ifPresent(name -> {
                throw new InvalidValue("upkeep.health", name, "must be the name of a health check");
            });
            return all;
        }
    }
}
