package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.task.RestoreDrill;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;

/** Proves a backup of a SQLite database: unpacked into a scratch file, checked by SQLite, compared. */
@ApplicationScoped
class SqliteRestoreDrill implements Operation<RestoreDrill, SqliteDatabase> {
    private final Drilling drilling;

    SqliteRestoreDrill(Drilling drilling) {
        this.drilling = drilling;
    }

    @Override
    public Class<RestoreDrill> task() {
        return RestoreDrill.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<RestoreDrill> order, SqliteDatabase database, Attempt attempt)
            throws SQLException, IOException {
        return drilling.drill(order, database, attempt, SqliteRestoreDrill::rehearse);
    }

    private static Drilling.Outcome rehearse(Drilling.Task task) throws SQLException, IOException {
        long begin = System.nanoTime();
        Unpacking.into(task.scratch(), task);
        Duration restore = Duration.ofNanos(System.nanoTime() - begin);
        return new Drilling.Outcome(restore, new SqliteCheck(task.attempt()).contents(task.scratch()));
    }
}
