package dev.upkeep.executor.wiring;

import dev.upkeep.common.task.Task;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** An operation that does as a test says, and remembers which commands it was called for. */
final class Scripted<T extends Task, D extends Database> implements Operation<T, D> {
    /** What it does. */
    @FunctionalInterface
    interface Script<T extends Task, D extends Database> {
        Done perform(Order<T> order, D database, Attempt attempt) throws SQLException, IOException;
    }

    private final Class<T> task;
    private final Class<D> database;
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private volatile Script<T, D> script;

    Scripted(Class<T> task, Class<D> database) {
        this.task = task;
        this.database = database;
        this.script = (order, on, attempt) -> done();
    }

    /** A good end. */
    static Done done() {
        return Done.succeeded(Map.of("did", "it"), List.of(), List.of());
    }

    void does(Script<T, D> next) {
        script = next;
    }

    List<String> calls() {
        return List.copyOf(calls);
    }

    @Override
    public Class<T> task() {
        return task;
    }

    @Override
    public Class<D> database() {
        return database;
    }

    @Override
    public Done perform(Order<T> order, D on, Attempt attempt) throws SQLException, IOException {
        calls.add(order.command().text());
        return script.perform(order, on, attempt);
    }
}
