package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.task.RestorePurged;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;

/** Brings purged rows back; see {@link Restorer} and {@link SqliteRefill}. */
@ApplicationScoped
public class SqliteRestorePurged implements Operation<RestorePurged, SqliteDatabase> {
    private final Restorer restorer;

    SqliteRestorePurged(PurgeConfig config, ArchiveStore archives) {
        this.restorer = new Restorer(config, archives);
    }

    @Override
    public Class<RestorePurged> task() {
        return RestorePurged.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<RestorePurged> order, SqliteDatabase database, Attempt attempt)
            throws SQLException, IOException {
        return restorer.perform(order, database, attempt, () -> new SqliteRefill(database.connect()));
    }
}
