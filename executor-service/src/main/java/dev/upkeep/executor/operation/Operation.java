package dev.upkeep.executor.operation;

import dev.upkeep.common.task.Task;
import dev.upkeep.executor.database.Database;
import java.io.IOException;
import java.sql.SQLException;

/**
 * Does one kind of task on one engine. It returns what it did or throws a failure with a code; it never retries, publishes,
 * or logs its own start and end: the runner does that, once for all. Instances are shared between threads and hold no state.
 *
 * @param <T> the kind of task
 * @param <D> the engine's kind of database
 */
public interface Operation<T extends Task, D extends Database> {
    /** The kind of task. */
    Class<T> task();

    /** The engine's kind of database. */
    Class<D> database();

    /**
     * Does the task, or with {@link Order#dryRun} says what it would do and changes nothing.
     *
     * @throws Failure with a code, when it knows better than the engine's error what went wrong
     * @throws SQLException as the driver gave it; the runner maps it to a code
     */
    Done perform(Order<T> order, D database, Attempt attempt) throws SQLException, IOException;
}
