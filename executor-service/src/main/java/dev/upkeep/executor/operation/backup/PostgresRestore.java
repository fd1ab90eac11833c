package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.task.Restore;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/** Restores a PostgreSQL database: into a new database of the same server, over the original in one transaction, or to a point in time. */
@ApplicationScoped
class PostgresRestore implements Operation<Restore, PostgresDatabase> {
    private final BackupSettings settings;
    private final Catalogue catalogue;
    private final ContentChecks checks;
    private final Restoring restoring;
    private final PostgresBackup backup;
    private final WalArchives archives;

    PostgresRestore(
            BackupSettings settings,
            Catalogue catalogue,
            ContentChecks checks,
            Restoring restoring,
            PostgresBackup backup,
            WalArchives archives) {
        this.settings = settings;
        this.catalogue = catalogue;
        this.checks = checks;
        this.restoring = restoring;
        this.backup = backup;
        this.archives = archives;
    }

    @Override
    public Class<Restore> task() {
        return Restore.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<Restore> order, PostgresDatabase database, Attempt attempt)
            throws SQLException, IOException {
        Restore task = order.task();
        boolean isPhysical = task.until().isPresent()
                || task.method().equals(Optional.of(Method.PHYSICAL))
                || task.backup()
                        .filter(name -> BackupName.hasForm(name, BackupName.formOf(Method.PHYSICAL)))
                        .isPresent();
        Order<Restore> exact = new Order<>(
                order.command(), exact(task, isPhysical, database), order.asOf(), order.dryRun(), order.planHash());
        String name = task.into().orElseGet(() -> Restoring.generated(order, database));
        Restoring.Target target = isPhysical
                ? new FolderTarget(settings, checks, task, archives.configured(), name)
                : new DatabaseTarget(
                        database,
                        task.overOriginal() ? database.address().database() : name,
                        task,
                        checks,
                        () -> safety(order, database, attempt),
                        settings.directory());
        return restoring.restore(exact, database, attempt, target);
    }

    /** The same with the kind of backup said, and for a time the newest backup that was complete by then. */
    private Restore exact(Restore task, boolean isPhysical, PostgresDatabase database) throws IOException {
        Method method = isPhysical ? Method.PHYSICAL : Method.LOGICAL;
        Optional<Instant> time = task.until().flatMap(Restore.PointInTime::time);
        Optional<String> backup = task.backup();
        if (backup.isEmpty() && time.isPresent()) {
            backup = catalogue.list(database.id()).stream()
                    .filter(manifest -> manifest.method() == method
                            && manifest.isVerified()
                            && !manifest.takenAt().plus(manifest.took()).isAfter(time.get()))
                    .map(Manifest::name)
                    .findFirst();
        }
        return new Restore(
                backup,
                backup.isPresent() ? Optional.empty() : Optional.of(method),
                task.into(),
                task.overOriginal(),
                task.until(),
                task.jobs(),
                task.globals());
    }

    private Done safety(Order<Restore> order, PostgresDatabase database, Attempt attempt)
            throws SQLException, IOException {
        return backup.perform(
                new Order<>(order.command(), Backup.byDefault(), order.asOf(), false, Optional.empty()),
                database,
                attempt);
    }
}
