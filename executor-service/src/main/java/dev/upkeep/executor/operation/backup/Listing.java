package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.ListBackups;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Holds;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.VerifiedBackups;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lists what is in the catalogue, and finds what is late, small, unproven or damaged. */
@ApplicationScoped
class Listing {
    private static final int SHOWN = 200;
    private static final double LATE = 1.25;
    private static final double VERY_LATE = 2;
    private static final double SMALL = 0.7;
    private static final double VERY_SMALL = 0.5;

    private final Catalogue catalogue;
    private final Holds holds;
    private final Clock clock;

    @Inject
    Listing(Catalogue catalogue, Holds holds) {
        this(catalogue, holds, Clock.systemUTC());
    }

    Listing(Catalogue catalogue, Holds holds, Clock clock) {
        this.catalogue = catalogue;
        this.holds = holds;
        this.clock = clock;
    }

    Done list(Order<ListBackups> order, Database database) throws IOException {
        Catalogue.Look look = catalogue.look(database.id());
        List<Manifest> all = look.backups();
        Instant now = clock.instant();
        // what a wrong clock dated would pass for fresh until that time comes
        List<Manifest> verified = all.stream()
                .filter(manifest -> manifest.isVerified() && !manifest.isFromTheFuture(now))
                .toList();
        List<Finding> findings = new ArrayList<>();
        order.task()
                .interval()
                .flatMap(interval -> late(verified, interval, order.asOf()))
                .ifPresent(findings::add);
        order.task()
                .drillWithin()
                .flatMap(within -> unproven(verified, within, order.asOf()))
                .ifPresent(findings::add);
        small(verified).ifPresent(findings::add);
        for (Manifest manifest : all) {
            manifest.problem().ifPresent(problem -> findings.add(damaged(manifest.name(), problem)));
            if (manifest.isFromTheFuture(now)) {
                findings.add(misdated(manifest, now));
            }
        }
        look.unreadable().forEach(name -> findings.add(damaged(name, "its manifest cannot be read")));
        return Done.succeeded(
                report(all, verified.size(), database, now), findings, measurements(all, verified, order.asOf()));
    }

    private ListBackups.Report report(List<Manifest> all, int verified, Database database, Instant now)
            throws IOException {
        BackupFolder folder = catalogue.folder(database.id());
        Map<String, List<String>> kept = Retention.always(all, now, folder.heldBackups());
        return new ListBackups.Report(
                all.size(),
                verified,
                bytes(all),
                folder.shelf().place(),
                holds.on(database),
                all.stream()
                        .limit(SHOWN)
                        .map(manifest -> entry(manifest, now, kept.getOrDefault(manifest.name(), List.of())))
                        .toList());
    }

    private static ListBackups.Entry entry(Manifest manifest, Instant now, List<String> kept) {
        return new ListBackups.Entry(
                manifest.name(),
                manifest.method(),
                manifest.kind(),
                manifest.state(),
                manifest.takenAt(),
                age(manifest.takenAt(), now).truncatedTo(ChronoUnit.SECONDS),
                manifest.file().bytes(),
                manifest.file().sourceBytes(),
                manifest.took(),
                manifest.file().encryption().isPresent(),
                manifest.verifiedAt(),
                manifest.provenAt(),
                kept,
                manifest.problem());
    }

    private static List<Measurement> measurements(List<Manifest> all, List<Manifest> verified, Instant now) {
        List<Measurement> measurements = new ArrayList<>(List.of(
                Measurement.gauge("backup_count", "backups", all.size()),
                Measurement.gauge("backup_verified", "backups", verified.size()),
                Measurement.gauge("backup_stored", "bytes", (double) bytes(all))));
        verified.stream()
                .findFirst()
                .ifPresent(newest -> measurements.add(Measurement.gauge("backup_last_verified_age", "seconds", (double)
                        age(newest.takenAt(), now).toSeconds())));
        lastDrill(verified)
                .ifPresent(at -> measurements.add(Measurement.gauge(
                        "backup_last_proven", "timestamp_seconds", (double) at.getEpochSecond(), Map.of())));
        return measurements;
    }

    private static long bytes(List<Manifest> all) {
        return all.stream().mapToLong(manifest -> manifest.file().bytes()).sum();
    }

    private static Duration age(Instant then, Instant now) {
        Duration age = Duration.between(then, now);
        return age.isNegative() ? Duration.ZERO : age;
    }

    private static Optional<Instant> lastDrill(List<Manifest> verified) {
        return verified.stream()
                .flatMap(manifest -> manifest.provenAt().stream())
                .max(Comparator.naturalOrder());
    }

    private static Optional<Finding> late(List<Manifest> verified, Duration interval, Instant now) {
        String limit = LATE + " x " + interval;
        if (verified.isEmpty()) {
            return Optional.of(new Finding(
                    "backup-late",
                    Severity.CRITICAL,
                    "",
                    "no verified backup",
                    limit,
                    "policy",
                    "take a backup now, and look why none was verified"));
        }
        Duration age = age(verified.get(0).takenAt(), now);
        double share = (double) age.toMillis() / interval.toMillis();
        return share < LATE
                ? Optional.empty()
                : Optional.of(new Finding(
                        "backup-late",
                        share < VERY_LATE ? Severity.WARNING : Severity.CRITICAL,
                        verified.get(0).name(),
                        "the newest verified backup is " + age + " old",
                        limit,
                        "policy",
                        "look at the last runs of the backup's policy"));
    }

    private static Optional<Finding> unproven(List<Manifest> verified, Duration within, Instant now) {
        Optional<Duration> age = lastDrill(verified).map(at -> age(at, now));
        if (age.isPresent() && age.get().compareTo(within) <= 0) {
            return Optional.empty();
        }
        boolean isCritical = age.isEmpty() || age.get().compareTo(within.multipliedBy(2)) > 0;
        return Optional.of(new Finding(
                "backup-unproven",
                isCritical ? Severity.CRITICAL : Severity.WARNING,
                "",
                age.map(time -> "the last drill was " + time + " ago")
                        .orElse("no backup that is there was ever restored"),
                within.toString(),
                "policy",
                "order a restore-drill"));
    }

    /** How the verified backups of a database stand, newest first. */
    static Optional<VerifiedBackups.Standing> standing(List<Manifest> verified) {
        return verified.isEmpty()
                ? Optional.empty()
                : Optional.of(new VerifiedBackups.Standing(
                        verified.size(),
                        median(verified)
                                .map(median -> (double) verified.get(0).file().bytes() / Math.max(1, median)),
                        lastDrill(verified)));
    }

    /** The median size of those that are like the newest; empty if there are fewer than three. */
    private static Optional<Long> median(List<Manifest> verified) {
        Manifest newest = verified.get(0);
        long[] others = verified.stream()
                .skip(1)
                .filter(other -> other.method() == newest.method()
                        && BackupName.isDumpTar(other.name()) == BackupName.isDumpTar(newest.name())
                        && other.file().compression() == newest.file().compression())
                .mapToLong(other -> other.file().bytes())
                .sorted()
                .toArray();
        return others.length < 3 ? Optional.empty() : Optional.of(others[others.length / 2]);
    }

    /** The newest of each kind, against the median of the others of its kind. */
    private static Optional<Finding> small(List<Manifest> verified) {
        Optional<Long> found = verified.isEmpty() ? Optional.empty() : median(verified);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Manifest newest = verified.get(0);
        long median = found.get();
        double share = (double) newest.file().bytes() / Math.max(1, median);
        return share >= SMALL
                ? Optional.empty()
                : Optional.of(
                        new Finding(
                                "backup-small",
                                share >= VERY_SMALL ? Severity.WARNING : Severity.CRITICAL,
                                newest.name(),
                                Math.round(share * 100) + " % of the median of " + median + " bytes",
                                Math.round(SMALL * 100) + " %",
                                "built-in",
                                "look whether tables are missing or were emptied; compare the rows in its manifest with an older one's"));
    }

    private static Finding damaged(String name, String problem) {
        return new Finding(
                "backup-damaged",
                Severity.CRITICAL,
                name,
                problem,
                "whole",
                "built-in",
                "take a new backup now, and look at the disk under the backup folder");
    }

    private static Finding misdated(Manifest manifest, Instant now) {
        return new Finding(
                "backup-misdated",
                Severity.WARNING,
                manifest.name(),
                "dated " + age(now, manifest.takenAt()).truncatedTo(ChronoUnit.SECONDS) + " after now",
                "the time here",
                "built-in",
                "set this host's clock right; if it was ahead when this backup was taken, take a new one, then remove this one");
    }
}
