package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.VerifiedBackups;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;

/** Purges SQLite files; see {@link Purger} for what holds on both engines and {@link SqliteSession} for the engine. */
@ApplicationScoped
public class SqlitePurge implements Operation<Purge, SqliteDatabase> {
    private final Purger purger;

    SqlitePurge(PurgeConfig config, VerifiedBackups backups, ArchiveStore archives) {
        this.purger = new Purger(config, backups, archives);
    }

    @Override
    public Class<Purge> task() {
        return Purge.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<Purge> order, SqliteDatabase database, Attempt attempt) throws SQLException, IOException {
        return purger.perform(
                order, database, attempt, () -> new SqliteSession(database, database.connect(), Clock.systemUTC()));
    }
}
