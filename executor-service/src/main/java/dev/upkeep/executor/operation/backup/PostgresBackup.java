package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;

/**
 * Backs up a PostgreSQL database: what pg_dump writes, compressed, checksummed, and read back by pg_restore; or its whole
 * server, what pg_basebackup writes, read back by pg_verifybackup.
 */
@ApplicationScoped
class PostgresBackup implements Operation<Backup, PostgresDatabase> {
    private final BackupSettings settings;
    private final Taking taking;

    PostgresBackup(BackupSettings settings, Taking taking) {
        this.settings = settings;
        this.taking = taking;
    }

    @Override
    public Class<Backup> task() {
        return Backup.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<Backup> order, PostgresDatabase database, Attempt attempt)
            throws SQLException, IOException {
        Method method = order.task().method().orElse(Method.LOGICAL);
        return switch (method) {
            case LOGICAL -> taking.take(order, database, attempt, logical(order.task(), origin(database, attempt)));
            case PHYSICAL -> taking.take(order, database, attempt, PhysicalCopy.of(origin(database, attempt)));
            case ONLINE, VACUUM_INTO -> Taking.wrongMethod(method, database.engine());
        };
    }

    private PostgresOrigin origin(PostgresDatabase database, Attempt attempt) throws SQLException {
        return PostgresOrigin.of(database, attempt, settings.pace(), BackupTools.clients(settings));
    }

    private static Source logical(Backup task, PostgresOrigin origin) {
        return ParallelDump.isAskedFor(task) ? ParallelDump.of(origin, task) : new PostgresDump(origin);
    }
}
