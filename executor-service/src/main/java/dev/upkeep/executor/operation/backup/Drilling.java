package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.RestoreDrill;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.encryption.Keys;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Restores a backup on a spare place, compares, and calls the backup proven, or damaged, by what it finds. The spare place is
 * a scratch folder beside the backups, removed afterwards; the live database is not touched.
 */
@ApplicationScoped
class Drilling {
    private final BackupSettings settings;
    private final Catalogue catalogue;
    private final Clock clock = Clock.systemUTC();

    Drilling(BackupSettings settings, Catalogue catalogue) {
        this.settings = settings;
        this.catalogue = catalogue;
    }

    /** What a drill found. */
    record Outcome(Duration restoreTook, Contents found) {}

    /** One backup in its place, for a drill. */
    record Task(Manifest manifest, Blob blob, Keys keys, Path scratch, Attempt attempt, Pump pump) {
        /** The content, for who reads all of it. */
        StoredInput open() throws IOException {
            return StoredInput.open(blob, manifest.file(), keys);
        }

        /** The look at the stored bytes. */
        Verification verification() {
            return new Verification(blob, manifest.file(), keys);
        }
    }

    /** The engine's part. */
    interface Rehearsal {
        Outcome perform(Task task) throws SQLException, IOException;
    }

    Done drill(Order<RestoreDrill> order, Database database, Attempt attempt, Rehearsal rehearsal)
            throws SQLException, IOException {
        Optional<Manifest> chosen = catalogue.choose(
                database.id(), order.task().backup(), order.task().method());
        if (chosen.isEmpty()) {
            return Done.rejected(Catalogue.nothing(database.id(), order.task().backup()));
        }
        Manifest manifest = chosen.get();
        Optional<Reason> sealed = BackupSettings.keys(settings)
                .refusal("backup: " + manifest.name(), manifest.file().encryption());
        if (sealed.isPresent()) {
            return Done.rejected(sealed.get());
        }
        if (order.dryRun()) {
            return Done.succeeded(
                    report(manifest, false, Duration.ZERO, Duration.ZERO, List.of("a dry run: nothing was restored")),
                    List.of(),
                    List.of());
        }
        BackupFolder folder = catalogue.folder(database.id());
        Optional<BackupFolder.Hold> hold = folder.hold();
        if (hold.isEmpty()) {
            return Done.contended(Catalogue.occupied(folder));
        }
        try (BackupFolder.Hold held = hold.get()) {
            new DiskSpace(settings.leastFree().asLongValue())
                    .require(folder.path(), manifest.file().sourceBytes() + manifest.unpackedBytes());
            Optional<Manifest> there = catalogue.choose(database.id(), Optional.of(manifest.name()), Optional.empty());
            if (there.isEmpty()) {
                return Done.rejected(Catalogue.nothing(database.id(), Optional.of(manifest.name())));
            }
            try {
                return rehearse(there.get(), folder, attempt, rehearsal);
            } finally {
                folder.removeLocalLeftovers(held);
            }
        } catch (Failure | SQLException | IOException e) {
            Pump.explain(e, attempt, folder.path());
            throw e;
        }
    }

    private Done rehearse(Manifest manifest, BackupFolder folder, Attempt attempt, Rehearsal rehearsal)
            throws SQLException, IOException {
        Pump pump = new Pump(attempt, settings);
        Workplace workplace = new Workplace(folder, manifest.name());
        long begin = System.nanoTime();
        Outcome outcome = rehearsal.perform(new Task(
                manifest,
                folder.blob(manifest.name()),
                BackupSettings.keys(settings),
                workplace.scratch("drill"),
                attempt,
                pump));
        Duration all = Duration.ofNanos(System.nanoTime() - begin);
        List<String> differences = manifest.contents()
                .map(expected -> Comparison.differences(expected, outcome.found()))
                .orElse(List.of());
        boolean proven = differences.isEmpty();
        Manifest now = proven
                ? manifest.proven(Optional.of(outcome.found()), clock.instant())
                : manifest.damaged("a restored copy differs: " + String.join("; ", differences));
        catalogue.put(now);
        return Done.succeeded(
                report(now, proven, outcome.restoreTook(), all.minus(outcome.restoreTook()), differences),
                proven ? List.of() : List.of(finding(now)),
                measurements(now, outcome));
    }

    private static RestoreDrill.Report report(
            Manifest manifest, boolean proven, Duration restore, Duration compare, List<String> differences) {
        Optional<Contents> contents = manifest.contents();
        return new RestoreDrill.Report(
                manifest.name(),
                proven,
                restore,
                compare,
                contents.map(Contents::tables).orElse(0L),
                contents.map(Contents::rows).orElse(0L),
                differences);
    }

    private static Finding finding(Manifest manifest) {
        return new Finding(
                "backup-unproven",
                Severity.CRITICAL,
                manifest.name(),
                manifest.problem().orElse(""),
                "equal to the backup",
                "built-in",
                "take a new backup, drill it, and keep this one until you know what it lacks");
    }

    private static List<Measurement> measurements(Manifest manifest, Outcome outcome) {
        Map<String, String> kind = Map.of("kind", manifest.kind());
        return manifest.provenAt()
                .filter(at -> manifest.problem().isEmpty())
                .map(at -> List.of(
                        Measurement.gauge(
                                "backup_restore_duration",
                                "seconds",
                                outcome.restoreTook().toNanos() / 1e9,
                                kind),
                        Measurement.gauge(
                                "backup_last_proven", "timestamp_seconds", (double) at.getEpochSecond(), kind)))
                .orElse(List.of());
    }
}
