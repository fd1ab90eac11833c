package dev.upkeep.executor.operation.files;

import dev.upkeep.common.task.PurgeFiles;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.SQLException;

/** Purges payload files whose rows are in a SQLite file, which is only read. */
@ApplicationScoped
public class SqlitePurgeFiles implements Operation<PurgeFiles, SqliteDatabase> {
    private final FilePurge files;

    @Inject
    SqlitePurgeFiles(PayloadStores stores) {
        this.files = new FilePurge(stores);
    }

    @Override
    public Class<PurgeFiles> task() {
        return PurgeFiles.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<PurgeFiles> order, SqliteDatabase database, Attempt attempt)
            throws SQLException, IOException {
        return files.perform(order, database, attempt, store -> SqliteReferences.open(store, database, attempt));
    }
}
