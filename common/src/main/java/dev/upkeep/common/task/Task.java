package dev.upkeep.common.task;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.upkeep.common.id.TableName;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What to do to a database, as data. On the wire an object whose {@code type} is the record's name in kebab case:
 * {@code {"type": "health-check", "profile": "quick"}}. Immutable; a task that could not be carried out cannot be built.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public sealed interface Task
        permits HealthCheck,
                Assess,
                Purge,
                RestorePurged,
                PurgeFiles,
                RestoreFiles,
                Vacuum,
                Analyze,
                Reindex,
                EnsureIndexes,
                Optimize,
                IntegrityCheck,
                Checkpoint,
                ReleaseLeases,
                Backup,
                ListBackups,
                VerifyBackup,
                RestoreDrill,
                Restore,
                ExpireBackups,
                IndexHealth,
                MaintainPartitions,
                TuneAutovacuum,
                TerminateIdle,
                CancelQueries,
                MigrationGuard {

    /** What the task may do to the data. */
    Effect effect();

    /**
     * Whether it writes anything, be it only beside the database, such as a backup, or a copy of it elsewhere. An executor's STOP
     * file stops it.
     */
    default boolean writes() {
        return effect() != Effect.READ_ONLY;
    }

    /** Whether it counts against the host's limit on heavy work (much reading, writing or time). */
    boolean isHeavy();

    /** Whether a task whose executor died in its middle may simply be done again. */
    boolean isRepeatable();

    /** The tables that it names; an executor's guardrails are held against them. */
    default List<TableName> namedTables() {
        return List.of();
    }

    /** How old data must at least be for the task to remove it; empty if it removes none by age. */
    default Optional<Duration> shortestKeep() {
        return Optional.empty();
    }

    /** Whether it must not wait its turn behind other tasks, since it is what relieves a database in distress. */
    default boolean isUrgent() {
        return false;
    }

    /** The task's name on the wire. */
    default String name() {
        return nameOf(getClass());
    }

    /** The wire name of a kind of task. */
    static String nameOf(Class<? extends Task> kind) {
        return kind.getSimpleName().replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    /** All kinds of tasks, in the catalogue's order. */
    @SuppressWarnings("unchecked") // permitted subclasses of Task are kinds of Task
    static List<Class<? extends Task>> kinds() {
        return Arrays.stream(Task.class.getPermittedSubclasses())
                .<Class<? extends Task>>map(kind -> (Class<? extends Task>) kind)
                .toList();
    }

    /** The wire names of all kinds. */
    static List<String> names() {
        return kinds().stream().map(Task::nameOf).toList();
    }
}
