package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.Compression;
import dev.upkeep.common.task.Backup.State;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.CrashPoint;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Holds;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.backup.program.LowPriority;
import dev.upkeep.executor.operation.encryption.Keys;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * Takes a backup, whatever the engine: looks at the disk, writes under a temporary name, reads back what is on disk, and only
 * then gives it its name, lists it, and expires older ones. Whatever breaks it off, nothing of it is left, and what was listed
 * before still is. One at a time for each database.
 */
@ApplicationScoped
class Taking {
    private final BackupSettings settings;
    private final Catalogue catalogue;
    private final Holds holds;
    private final DiskSpace disk;
    private final Clock clock;

    @Inject
    Taking(BackupSettings settings, Catalogue catalogue, Holds holds) {
        this(settings, catalogue, holds, Clock.systemUTC());
    }

    Taking(BackupSettings settings, Catalogue catalogue, Holds holds, Clock clock) {
        this.settings = settings;
        this.catalogue = catalogue;
        this.holds = holds;
        this.disk = new DiskSpace(settings.leastFree().asLongValue());
        this.clock = clock;
    }

    Done take(Order<Backup> order, Database database, Attempt attempt, Source source) throws SQLException, IOException {
        BackupFolder folder = catalogue.folder(database.id());
        Compression compression = source.stored(compression(order.task()));
        List<Manifest> before = catalogue.list(database.id());
        long estimate = Estimate.of(source, compression, before);
        if (order.dryRun()) {
            return plan(order.task(), source, folder, estimate, before);
        }
        Optional<BackupFolder.Hold> hold = folder.hold();
        if (hold.isEmpty()) {
            return Done.contended(Catalogue.occupied(folder));
        }
        try (BackupFolder.Hold held = hold.get()) {
            folder.removeLeftovers(held);
            source.prepare();
            // what is not kept here needs no room here
            disk.require(folder.path(), source.scratchBytes() + (folder.isHere() ? estimate : 0));
            try {
                Taken taken = settings.pace() == BackupSettings.Pace.GENTLE
                        ? gently(() -> write(order, database, attempt, source, estimate))
                        : write(order, database, attempt, source, estimate);
                return done(order.task(), taken, held, database, source);
            } finally {
                folder.tidy(held);
            }
        } catch (Failure | SQLException | IOException e) {
            Pump.explain(e, attempt, folder.path());
            throw e;
        }
    }

    /** All of it: what reads, compresses, hashes and checks takes more processor time than the client that dumps. */
    private static Taken gently(Callable<Taken> work) throws SQLException, IOException {
        try {
            return LowPriority.call(work);
        } catch (SQLException | IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("taking a backup throws nothing else", e);
        }
    }

    private Done plan(Backup task, Source source, BackupFolder folder, long estimate, List<Manifest> before)
            throws IOException {
        List<String> expiring = task.keep().stream()
                .flatMap(keep -> new Keep(keep).expired(dated(before), source.method(), 1).stream())
                .map(Manifest::name)
                .toList();
        Backup.Plan plan = new Backup.Plan(
                source.method(), source.sourceBytes(), estimate, DiskSpace.free(folder.path()), expiring);
        return Done.succeeded(plan, List.of(), List.of());
    }

    private static Compression compression(Backup task) {
        return task.compression().orElse(Compression.ZSTD);
    }

    private record Taken(Manifest manifest, Duration verification) {}

    private Taken write(Order<Backup> order, Database database, Attempt attempt, Source source, long estimate)
            throws SQLException, IOException {
        Instant takenAt = clock.instant();
        BackupFolder folder = catalogue.folder(database.id());
        Compression compression = source.stored(compression(order.task()));
        Keys keys = BackupSettings.keys(settings).withOneTimeKey();
        String name = BackupName.of(
                database.id(),
                order.command(),
                takenAt,
                source.form(),
                compression,
                keys.encryption().isPresent());
        Workplace workplace = new Workplace(folder, name);
        Pump pump = new Pump(attempt, settings);
        long begin = System.nanoTime();
        StoredOutput output = StoredOutput.create(
                folder.shelf().begin(name, estimate), compression, settings.compressionLevel(), keys);
        try (output;
                WriteBehind behind = WriteBehind.start(output)) {
            source.writeTo(behind, workplace, pump);
            CrashPoint.hit("backup-writing");
            behind.finish();
            output.complete();
        }
        CrashPoint.hit("backup-written");
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        Manifest.StoredFile file = new Manifest.StoredFile(
                output.storedBytes(),
                output.contentBytes(),
                source.sourceBytes(),
                output.sha256(),
                compression,
                keys.encryption());
        long written = System.nanoTime();
        Optional<Contents> contents =
                new Verification(folder.shelf().unpublished(name), file, keys).perform(source.check(), workplace, pump);
        Manifest manifest = new Manifest(
                name,
                database.id(),
                database.engine(),
                source.method(),
                State.VERIFIED,
                order.command(),
                takenAt,
                took,
                file,
                source.versions(),
                contents,
                Optional.of(clock.instant()),
                Optional.empty(),
                Optional.empty());
        CrashPoint.hit("backup-verified");
        folder.shelf().publish(name);
        CrashPoint.hit("backup-renamed");
        catalogue.put(manifest);
        CrashPoint.hit("backup-listed");
        return new Taken(manifest, Duration.ofNanos(System.nanoTime() - written));
    }

    private Done done(Backup task, Taken taken, BackupFolder.Hold hold, Database database, Source source)
            throws IOException {
        Manifest manifest = taken.manifest();
        BackupFolder folder = catalogue.folder(manifest.database());
        List<Manifest> all = catalogue.list(manifest.database());
        Set<String> held = folder.heldBackups();
        List<Manifest> going =
                task
                        .keep()
                        .map(keep -> new Keep(keep).expired(dated(all), manifest.method(), 0))
                        .orElse(List.of())
                        .stream()
                        // a clock that was set back makes the one just taken look old
                        .filter(old -> !old.name().equals(manifest.name()) && !held.contains(old.name()))
                        .toList();
        Removal.Outcome removal = new Removal(catalogue, holds, database, folder, hold).remove(going, all, () -> {});
        List<Finding> findings = new ArrayList<>(source.findings(manifest.name()));
        removal.hold()
                .or(() -> task.keep().flatMap(keep -> holds.on(database)))
                .map(why -> new Finding(
                        "backup-expiry-held",
                        Severity.INFO,
                        manifest.name(),
                        why,
                        "no hold",
                        "built-in",
                        "older backups stay until the hold is over"))
                .ifPresent(findings::add);
        int expired = removal.removed().size();
        return Done.succeeded(manifest.report(expired), findings, measurements(taken, all.size() - expired));
    }

    /** Without those that a clock dated which was ahead: they stay, and take no other's place. */
    private List<Manifest> dated(List<Manifest> backups) {
        Instant now = clock.instant();
        return backups.stream().filter(backup -> !backup.isFromTheFuture(now)).toList();
    }

    private static List<Measurement> measurements(Taken taken, int count) {
        Manifest manifest = taken.manifest();
        Manifest.StoredFile file = manifest.file();
        Map<String, String> kind = Map.of("kind", manifest.kind());
        double seconds = Math.max(0.001, manifest.took().toNanos() / 1e9);
        List<Measurement> measurements = new ArrayList<>(List.of(
                Measurement.gauge("backup_size", "bytes", (double) file.bytes(), kind),
                Measurement.gauge("backup_source_size", "bytes", (double) file.sourceBytes(), kind),
                Measurement.gauge("backup_duration", "seconds", seconds, kind),
                Measurement.gauge(
                        "backup_verification_duration",
                        "seconds",
                        taken.verification().toNanos() / 1e9,
                        kind),
                Measurement.gauge("backup_rate", "bytes_per_second", file.contentBytes() / seconds, kind),
                Measurement.gauge(
                        "backup_last_verified",
                        "timestamp_seconds",
                        (double) manifest.takenAt().getEpochSecond(),
                        kind),
                Measurement.gauge("backup_count", "backups", count)));
        if (file.contentBytes() > 0) {
            measurements.add(Measurement.gauge(
                    "backup_compression", "ratio", (double) file.bytes() / file.contentBytes(), kind));
        }
        return measurements;
    }

    /** A refusal of a method that the engine does not have. */
    static Done wrongMethod(Backup.Method method, Engine engine) {
        return Done.rejected(new Reason(
                Code.UNSUPPORTED,
                "method: " + dev.upkeep.common.wire.EnumText.of(method) + " (is not offered for "
                        + dev.upkeep.common.wire.EnumText.of(engine) + ")"));
    }
}
