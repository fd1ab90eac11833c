package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.Backup.State;
import dev.upkeep.common.task.VerifyBackup;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.encryption.Keys;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads listed backups back, and changes their state by what it finds. One at a time for each database. */
@ApplicationScoped
class Verifying {
    private static final String CHECK = "backup-damaged";

    private final BackupSettings settings;
    private final Catalogue catalogue;
    private final ContentChecks checks;
    private final Clock clock = Clock.systemUTC();

    Verifying(BackupSettings settings, Catalogue catalogue, ContentChecks checks) {
        this.settings = settings;
        this.catalogue = catalogue;
        this.checks = checks;
    }

    Done verify(Order<VerifyBackup> order, Database database, Attempt attempt) throws SQLException, IOException {
        List<Manifest> all = catalogue.list(database.id());
        List<Manifest> chosen = chosen(order.task(), all);
        if (chosen.isEmpty()) {
            return Done.rejected(Catalogue.nothing(database.id(), order.task().backup()));
        }
        if (order.dryRun()) {
            return done(chosen, List.of());
        }
        BackupFolder folder = catalogue.folder(database.id());
        Optional<BackupFolder.Hold> hold = folder.hold();
        if (hold.isEmpty()) {
            return Done.contended(Catalogue.occupied(folder));
        }
        try (BackupFolder.Hold held = hold.get()) {
            List<Manifest> looked = new ArrayList<>();
            // what was expired before the folder was held must not come back by its manifest
            List<Manifest> there = chosen(order.task(), catalogue.list(database.id()));
            if (there.isEmpty()) {
                return Done.rejected(
                        Catalogue.nothing(database.id(), order.task().backup()));
            }
            try {
                for (Manifest manifest : there) {
                    Manifest now = verified(manifest, folder, attempt);
                    catalogue.put(now);
                    looked.add(now);
                }
            } finally {
                folder.removeLocalLeftovers(held);
            }
            return done(
                    looked, order.task().all() ? catalogue.look(database.id()).unreadable() : List.of());
        }
    }

    private static List<Manifest> chosen(VerifyBackup task, List<Manifest> all) {
        if (task.all()) {
            return all;
        }
        return task.backup()
                .map(name -> all.stream()
                        .filter(manifest -> manifest.name().equals(name))
                        .toList())
                .orElseGet(() -> all.stream().limit(1).toList());
    }

    private Manifest verified(Manifest manifest, BackupFolder folder, Attempt attempt)
            throws SQLException, IOException {
        Pump pump = new Pump(attempt, settings);
        try {
            Optional<Contents> found = look(manifest, folder, attempt, pump);
            boolean isSame = found.isEmpty()
                    || manifest.contents().isEmpty()
                    || found.get().equals(manifest.contents().get());
            return isSame
                    ? manifest.verified(found, clock.instant())
                    : manifest.damaged("its content is not what it was when it was taken");
        } catch (Failure e) {
            Optional<Stop> stop = attempt.stop();
            if (stop.isPresent()) {
                throw Pump.stopped(stop.get(), e);
            }
            if (e.reason().code() != Code.VERIFICATION_FAILED && e.reason().code() != Code.KEY_MISSING) {
                throw e;
            }
            return manifest.damaged(e.reason().message());
        } catch (java.nio.file.NoSuchFileException e) {
            return manifest.damaged("its file is gone");
        } catch (IOException e) {
            Optional<Failure> full = DiskSpace.full(e, folder.path());
            if (full.isPresent()) {
                throw full.get();
            }
            throw e;
        }
    }

    /**
     * Without a secret key on this host, an encrypted backup's stored bytes are compared with the hash of those that were
     * read back whole when it was taken.
     */
    private Optional<Contents> look(Manifest manifest, BackupFolder folder, Attempt attempt, Pump pump)
            throws SQLException, IOException {
        Keys keys = BackupSettings.keys(settings);
        Verification verification = new Verification(folder.blob(manifest.name()), manifest.file(), keys);
        if (manifest.file().encryption().isPresent() && !keys.canDecrypt()) {
            verification.checkStored(pump);
            return Optional.empty();
        }
        if (manifest.unpackedBytes() > 0) {
            new DiskSpace(settings.leastFree().asLongValue()).require(folder.path(), manifest.unpackedBytes());
        }
        return verification.perform(checks.of(manifest, attempt), new Workplace(folder, manifest.name()), pump);
    }

    private static Done done(List<Manifest> looked, List<String> unreadable) {
        List<VerifyBackup.Checked> checked = new ArrayList<>();
        looked.forEach(manifest ->
                checked.add(new VerifyBackup.Checked(manifest.name(), manifest.state(), manifest.problem())));
        unreadable.forEach(name ->
                checked.add(new VerifyBackup.Checked(name, State.TAKEN, Optional.of("its manifest cannot be read"))));
        List<Finding> findings = checked.stream()
                .filter(backup -> backup.problem().isPresent())
                .map(
                        backup -> new Finding(
                                CHECK,
                                Severity.CRITICAL,
                                backup.name(),
                                backup.problem().get(),
                                "whole",
                                "built-in",
                                "take a new backup now; look at the disk or store of the backups, or at the keys if it says so"))
                .toList();
        int damaged = findings.size();
        VerifyBackup.Report report = new VerifyBackup.Report(checked.size() - damaged, damaged, checked);
        return Done.succeeded(report, findings, List.of(Measurement.gauge("backup_damaged", "backups", damaged)));
    }
}
