package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.task.RestorePurged;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;

/** Brings purged rows back; see {@link Restorer} and {@link PostgresRefill}. */
@ApplicationScoped
public class PostgresRestorePurged implements Operation<RestorePurged, PostgresDatabase> {
    private final Restorer restorer;

    PostgresRestorePurged(PurgeConfig config, ArchiveStore archives) {
        this.restorer = new Restorer(config, archives);
    }

    @Override
    public Class<RestorePurged> task() {
        return RestorePurged.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<RestorePurged> order, PostgresDatabase database, Attempt attempt)
            throws SQLException, IOException {
        return restorer.perform(
                order,
                database,
                attempt,
                () -> new PostgresRefill(database.connect(order.command().text())));
    }
}
