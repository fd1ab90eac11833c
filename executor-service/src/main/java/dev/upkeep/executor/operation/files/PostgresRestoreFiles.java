package dev.upkeep.executor.operation.files;

import dev.upkeep.common.task.RestoreFiles;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;

/** Gives payload files back whose rows are in a PostgreSQL database, which is not touched. */
@ApplicationScoped
public class PostgresRestoreFiles implements Operation<RestoreFiles, PostgresDatabase> {
    private final FileRestore files;

    @Inject
    PostgresRestoreFiles(PayloadStores stores) {
        this.files = new FileRestore(stores);
    }

    @Override
    public Class<RestoreFiles> task() {
        return RestoreFiles.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<RestoreFiles> order, PostgresDatabase database, Attempt attempt) throws IOException {
        return files.perform(order, database, attempt);
    }
}
