package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.task.RestoreDrill;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Proves a backup of a PostgreSQL database: restored into a spare server that is made for it and thrown away, then dumped again
 * and compared by definitions and by every row.
 */
@ApplicationScoped
class PostgresRestoreDrill implements Operation<RestoreDrill, PostgresDatabase> {
    private final BackupSettings settings;
    private final ContentChecks checks;
    private final Drilling drilling;

    PostgresRestoreDrill(BackupSettings settings, ContentChecks checks, Drilling drilling) {
        this.settings = settings;
        this.checks = checks;
        this.drilling = drilling;
    }

    @Override
    public Class<RestoreDrill> task() {
        return RestoreDrill.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<RestoreDrill> order, PostgresDatabase database, Attempt attempt)
            throws SQLException, IOException {
        return drilling.drill(order, database, attempt, this::rehearse);
    }

    private Drilling.Outcome rehearse(Drilling.Task task) throws IOException {
        return task.manifest().method() == Method.PHYSICAL ? rehearsePhysical(task) : rehearseLogical(task);
    }

    private Drilling.Outcome rehearsePhysical(Drilling.Task task) throws IOException {
        PhysicalLoad load = new PhysicalLoad(settings, checks.client(task.manifest()), task);
        long begin = System.nanoTime();
        load.unpackInto(task.scratch());
        Duration unpacked = Duration.ofNanos(System.nanoTime() - begin);
        return new Drilling.Outcome(unpacked, load.replay(task.scratch(), Optional.empty()));
    }

    private Drilling.Outcome rehearseLogical(Drilling.Task task) throws IOException {
        DumpLoad load = new DumpLoad(checks.client(task.manifest()), task.attempt(), task.pump());
        Manifest.Cluster cluster = DumpLoad.cluster(task.manifest());
        long begin = System.nanoTime();
        try (SpareServer server = new SpareServer(
                task.scratch(), checks.client(task.manifest()), ServerAccount.of(settings), task.attempt())) {
            server.initialise(cluster.superuser());
            server.start(Map.of("autovacuum", "off"), cluster.superuser());
            load.intoSpare(server, cluster, task);
            Duration restore = Duration.ofNanos(System.nanoTime() - begin);
            Contents found = load.contentsOf(
                    server.environment(cluster.superuser(), cluster.database()),
                    List.of(),
                    task.manifest().file().contentBytes());
            return new Drilling.Outcome(restore, found);
        }
    }
}
