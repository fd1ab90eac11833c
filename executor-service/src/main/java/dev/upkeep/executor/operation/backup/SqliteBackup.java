package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;

/** Backs up a SQLite database while it is in use, and lets SQLite check the stored copy. */
@ApplicationScoped
class SqliteBackup implements Operation<Backup, SqliteDatabase> {
    private final Taking taking;

    SqliteBackup(Taking taking) {
        this.taking = taking;
    }

    @Override
    public Class<Backup> task() {
        return Backup.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<Backup> order, SqliteDatabase database, Attempt attempt)
            throws SQLException, IOException {
        Method method = order.task().method().orElse(Method.ONLINE);
        if (method != Method.ONLINE && method != Method.VACUUM_INTO) {
            return Taking.wrongMethod(method, database.engine());
        }
        if (ParallelDump.isAskedFor(order.task())) {
            return Done.rejected(new Reason(
                    Code.UNSUPPORTED, "jobs, globals: given (are offered for logical backups of PostgreSQL only)"));
        }
        return taking.take(order, database, attempt, SqliteCopy.of(database, attempt, method));
    }
}
