package dev.upkeep.executor.operation.files;

import dev.upkeep.common.task.PurgeFiles;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.SQLException;

/** Purges payload files whose rows are in a PostgreSQL database, which is only read. */
@ApplicationScoped
public class PostgresPurgeFiles implements Operation<PurgeFiles, PostgresDatabase> {
    private final FilePurge files;

    @Inject
    PostgresPurgeFiles(PayloadStores stores) {
        this.files = new FilePurge(stores);
    }

    @Override
    public Class<PurgeFiles> task() {
        return PurgeFiles.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<PurgeFiles> order, PostgresDatabase database, Attempt attempt)
            throws SQLException, IOException {
        return files.perform(
                order, database, attempt, store -> PostgresReferences.open(store, database, order.command(), attempt));
    }
}
