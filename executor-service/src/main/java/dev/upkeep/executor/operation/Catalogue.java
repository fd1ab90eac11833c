package dev.upkeep.executor.operation;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All operations of this executor, by task and engine. Each place is filled once: by an operation, or by an explicit statement
 * that the engine cannot do the task. Immutable.
 */
public final class Catalogue {
    private record Place(Class<? extends Task> task, Engine engine) {
        @Override
        public String toString() {
            return Task.nameOf(task) + " on " + EnumText.of(engine);
        }
    }

    private final Map<Place, Operation<?, ?>> operations = new HashMap<>();
    private final Map<Place, String> impossible = new HashMap<>();

    /** @throws IllegalStateException if two claim one place; that is a bug, and the message names them */
    public Catalogue(Collection<? extends Operation<?, ?>> operations, Collection<Impossible> impossible) {
        for (Operation<?, ?> operation : operations) {
            Place place = new Place(operation.task(), engineOf(operation.database()));
            Operation<?, ?> other = this.operations.put(place, operation);
            if (other != null) {
                throw new IllegalStateException(
                        "two operations for " + place + ": " + other.getClass() + " and " + operation.getClass());
            }
        }
        for (Impossible statement : impossible) {
            Place place = new Place(statement.task(), statement.engine());
            if (this.operations.containsKey(place) || this.impossible.put(place, statement.reason()) != null) {
                throw new IllegalStateException("more than one statement about " + place);
            }
        }
    }

    private static Engine engineOf(Class<? extends Database> type) {
        if (type == PostgresDatabase.class) {
            return Engine.POSTGRESQL;
        }
        if (type == SqliteDatabase.class) {
            return Engine.SQLITE;
        }
        throw new IllegalStateException("no engine has databases of " + type);
    }

    /** The places, in words, that neither an operation nor a statement fills. */
    public List<String> gaps() {
        List<String> gaps = new ArrayList<>();
        for (Class<? extends Task> task : Task.kinds()) {
            for (Engine engine : Engine.values()) {
                Place place = new Place(task, engine);
                if (!operations.containsKey(place) && !impossible.containsKey(place)) {
                    gaps.add(place.toString());
                }
            }
        }
        return List.copyOf(gaps);
    }

    /** The operation for this kind of task on this engine. */
    public Optional<Operation<?, ?>> find(Class<? extends Task> task, Engine engine) {
        return Optional.ofNullable(operations.get(new Place(task, engine)));
    }

    /** Why there is no operation for it; empty if there is one. */
    public Optional<String> whyNot(Class<? extends Task> task, Engine engine) {
        Place place = new Place(task, engine);
        if (operations.containsKey(place)) {
            return Optional.empty();
        }
        return Optional.of(impossible.getOrDefault(place, "this executor has no operation for " + place));
    }

    /** All operations. */
    public Collection<Operation<?, ?>> operations() {
        return List.copyOf(operations.values());
    }
}
