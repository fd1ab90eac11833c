package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.task.ExpireBackups;
import dev.upkeep.common.task.ListBackups;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.task.VerifyBackup;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.sql.SQLException;

/** The operations that work on the store of backups and not on the database, and so are the same for both engines. */
@ApplicationScoped
class StoreOperations {
    private final Listing listing;
    private final Verifying verifying;
    private final Expiring expiring;

    StoreOperations(Listing listing, Verifying verifying, Expiring expiring) {
        this.listing = listing;
        this.verifying = verifying;
        this.expiring = expiring;
    }

    private record OnStore<T extends Task, D extends Database>(Class<T> task, Class<D> database, Work<T> work)
            implements Operation<T, D> {
        @Override
        public Done perform(Order<T> order, D target, Attempt attempt) throws SQLException, IOException {
            return work.perform(order, target, attempt);
        }
    }

    private interface Work<T extends Task> {
        Done perform(Order<T> order, Database database, Attempt attempt) throws SQLException, IOException;
    }

    @Produces
    @Singleton
    Operation<ListBackups, PostgresDatabase> postgresList() {
        return new OnStore<>(
                ListBackups.class, PostgresDatabase.class, (order, database, attempt) -> listing.list(order, database));
    }

    @Produces
    @Singleton
    Operation<ListBackups, SqliteDatabase> sqliteList() {
        return new OnStore<>(
                ListBackups.class, SqliteDatabase.class, (order, database, attempt) -> listing.list(order, database));
    }

    @Produces
    @Singleton
    Operation<VerifyBackup, PostgresDatabase> postgresVerify() {
        return new OnStore<>(VerifyBackup.class, PostgresDatabase.class, verifying::verify);
    }

    @Produces
    @Singleton
    Operation<VerifyBackup, SqliteDatabase> sqliteVerify() {
        return new OnStore<>(VerifyBackup.class, SqliteDatabase.class, verifying::verify);
    }

    @Produces
    @Singleton
    Operation<ExpireBackups, PostgresDatabase> postgresExpire() {
        return new OnStore<>(ExpireBackups.class, PostgresDatabase.class, expiring::expire);
    }

    @Produces
    @Singleton
    Operation<ExpireBackups, SqliteDatabase> sqliteExpire() {
        return new OnStore<>(ExpireBackups.class, SqliteDatabase.class, expiring::expire);
    }
}
