package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.VerifiedBackups;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;

/** Purges PostgreSQL databases; see {@link Purger} for what holds on both engines and {@link PostgresSession} for the engine. */
@ApplicationScoped
public class PostgresPurge implements Operation<Purge, PostgresDatabase> {
    private final Purger purger;

    PostgresPurge(PurgeConfig config, VerifiedBackups backups, ArchiveStore archives) {
        this.purger = new Purger(config, backups, archives);
    }

    @Override
    public Class<Purge> task() {
        return Purge.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<Purge> order, PostgresDatabase database, Attempt attempt)
            throws SQLException, IOException {
        return purger.perform(
                order,
                database,
                attempt,
                () -> new PostgresSession(
                        database, database.connect(order.command().text())));
    }
}
