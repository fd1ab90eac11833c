package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Restore;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Order;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Restores a backup, whatever the engine: chooses it, looks before the beginning, takes a safety backup when the original is to
 * be overwritten, and compares the outcome with what the backup had.
 */
@ApplicationScoped
class Restoring {
    private final BackupSettings settings;
    private final Catalogue catalogue;

    Restoring(BackupSettings settings, Catalogue catalogue) {
        this.settings = settings;
        this.catalogue = catalogue;
    }

    /** The engine's part. */
    interface Target {
        /** What the copy will be called. */
        String name();

        /** Why it cannot be restored there; empty if it can. */
        Optional<Reason> refusal(Manifest manifest) throws SQLException, IOException;

        /** Where the space is needed. */
        long freeBytes() throws IOException;

        /** Takes a backup of the original as it is now. */
        Done safetyBackup() throws SQLException, IOException;

        /** Restores; returns what is there now. Leaves nothing half done behind. */
        Contents restore(Drilling.Task task) throws SQLException, IOException;

        /** What else a person should know after it. */
        default List<Finding> remarks() {
            return List.of();
        }
    }

    Done restore(Order<Restore> order, Database database, Attempt attempt, Target target)
            throws SQLException, IOException {
        Restore task = order.task();
        Optional<Manifest> chosen = catalogue.choose(database.id(), task.backup(), task.method());
        if (chosen.isEmpty()) {
            return Done.rejected(Catalogue.nothing(database.id(), task.backup()));
        }
        Manifest manifest = chosen.get();
        List<String> preflight = preflight(manifest, target);
        Optional<Reason> refusal = refusal(manifest, target);
        if (refusal.isPresent()) {
            return Done.rejected(
                    refusal.get(),
                    report(manifest, target, Optional.empty(), Duration.ZERO, Optional.empty(), preflight));
        }
        if (order.dryRun()) {
            return Done.succeeded(
                    report(manifest, target, Optional.empty(), Duration.ZERO, manifest.contents(), preflight),
                    List.of(),
                    List.of());
        }
        // before anything is done, for who looks on
        attempt.progress(0, Optional.empty(), "preflight: " + String.join("; ", preflight));
        Optional<String> safety = task.overOriginal() ? Optional.of(safety(target)) : Optional.empty();
        BackupFolder folder = catalogue.folder(database.id());
        Optional<BackupFolder.Hold> hold = folder.hold();
        if (hold.isEmpty()) {
            return Done.contended(Catalogue.occupied(folder));
        }
        try (BackupFolder.Hold held = hold.get()) {
            Partials.removeFiles(settings.restoreDirectory(), database.id());
            Optional<Manifest> there = catalogue.choose(database.id(), Optional.of(manifest.name()), Optional.empty());
            if (there.isEmpty()) {
                return Done.rejected(Catalogue.nothing(database.id(), Optional.of(manifest.name())));
            }
            try {
                return restored(there.get(), folder, attempt, target, safety, preflight);
            } finally {
                folder.removeLocalLeftovers(held);
            }
        } catch (Failure | SQLException | IOException e) {
            Pump.explain(e, attempt, folder.path());
            throw e;
        }
    }

    private Optional<Reason> refusal(Manifest manifest, Target target) throws SQLException, IOException {
        if (!manifest.isVerified()) {
            return Optional.of(new Reason(
                    Code.VERIFICATION_FAILED,
                    "backup: " + manifest.name() + " (is not verified: "
                            + manifest.problem().orElse("it was never read back") + ")"));
        }
        Optional<Reason> sealed = BackupSettings.keys(settings)
                .refusal("backup: " + manifest.name(), manifest.file().encryption());
        if (sealed.isPresent()) {
            return sealed;
        }
        if (target.freeBytes() < needed(manifest)) {
            return Optional.of(new Reason(
                    Code.DISK_FULL,
                    "about " + needed(manifest) / 1_000_000 + " MB are needed and " + target.freeBytes() / 1_000_000
                            + " MB are free; make room"));
        }
        return target.refusal(manifest);
    }

    /** The files of a parallel dump are compressed in themselves: their size says little of what they become. */
    private static long needed(Manifest manifest) {
        return BackupName.isDumpTar(manifest.name())
                ? manifest.file().sourceBytes()
                : manifest.file().contentBytes();
    }

    private static List<String> preflight(Manifest manifest, Target target) throws IOException {
        List<String> preflight = new ArrayList<>();
        preflight.add("backup " + manifest.name() + ", taken at " + manifest.takenAt() + ", "
                + dev.upkeep.common.wire.EnumText.of(manifest.state()));
        preflight.add("made by " + manifest.versions().tool() + " from version "
                + manifest.versions().engine());
        preflight.add("needs about " + needed(manifest) / 1_000_000 + " MB");
        preflight.add("goes to " + target.name());
        return preflight;
    }

    private static String safety(Target target) throws SQLException, IOException {
        Done done = target.safetyBackup();
        if (done.report().orElse("") instanceof Backup.Report report) {
            return report.name();
        }
        throw new Failure(
                Code.BACKUP_MISSING,
                "no safety backup of the original could be taken, so it was left as it is: "
                        + done.reason().map(Reason::toString).orElse(""));
    }

    private Done restored(
            Manifest manifest,
            BackupFolder folder,
            Attempt attempt,
            Target target,
            Optional<String> safety,
            List<String> preflight)
            throws SQLException, IOException {
        long begin = System.nanoTime();
        Contents found = target.restore(new Drilling.Task(
                manifest,
                folder.blob(manifest.name()),
                BackupSettings.keys(settings),
                new Workplace(folder, manifest.name()).scratch("restore"),
                attempt,
                new Pump(attempt, settings)));
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        List<Finding> findings = new ArrayList<>(target.remarks());
        manifest.contents().stream()
                .flatMap(expected -> Comparison.differences(expected, found).stream())
                .map(difference -> new Finding(
                        "restore-differs",
                        Severity.WARNING,
                        target.name(),
                        difference,
                        "equal to the backup",
                        "built-in",
                        "look at it before it is used; compare the definitions"))
                .forEach(findings::add);
        return Done.succeeded(
                report(manifest, target, safety, took, Optional.of(found), preflight),
                findings,
                List.of(Measurement.gauge(
                        "backup_restore_duration",
                        "seconds",
                        took.toNanos() / 1e9,
                        java.util.Map.of("kind", manifest.kind()))));
    }

    private static Restore.Report report(
            Manifest manifest,
            Target target,
            Optional<String> safety,
            Duration took,
            Optional<Contents> contents,
            List<String> preflight) {
        return new Restore.Report(
                manifest.name(),
                target.name(),
                safety,
                took,
                contents.map(Contents::tables).orElse(0L),
                contents.map(Contents::rows).orElse(0L),
                preflight);
    }

    /** A name for a copy that nobody named. */
    static String generated(Order<Restore> order, Database database) {
        String base = BackupName.folder(database.id())
                .toLowerCase(java.util.Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "_");
        return (base.length() > 30 ? base.substring(0, 30) : base) + "_restored_"
                + BackupName.shortHash(order.command().text());
    }
}
