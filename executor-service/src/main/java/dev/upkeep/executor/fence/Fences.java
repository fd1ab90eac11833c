package dev.upkeep.executor.fence;

import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import java.io.IOException;
import java.sql.SQLException;

/** Takes hold of databases for one executor. The kernel, or the server, ends a hold when its process dies. Thread-safe. */
public final class Fences {
    private final ExecutorId executor;

    public Fences(ExecutorId executor) {
        this.executor = executor;
    }

    /**
     * Takes hold.
     *
     * @throws dev.upkeep.executor.operation.Failure with code other-executor, naming the holder, if another has hold of it
     */
    public Fence hold(Database database) throws SQLException, IOException {
        if (database instanceof PostgresDatabase postgres) {
            return PostgresFence.hold(postgres, executor);
        }
        return SqliteFence.hold((SqliteDatabase) database, executor);
    }
}
