package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.wire.Durations;
import dev.upkeep.executor.operation.VerifiedBackups;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds what is absurd about the figures of a purge before it begins. */
final class Guardrails {
    private static final int EARLIER = 3;
    private static final long FEW = 10_000;

    private Guardrails() {}

    /**
     * A limit that is broken.
     *
     * @param isOfSize whether a person's override can lift it
     */
    record Broken(String words, boolean isOfSize) {}

    /** Refuses to keep rows for less than this executor does. */
    static void demandKeep(Duration keep, TableName table, Limits.Guards guards) {
        if (keep.compareTo(guards.leastKeep()) < 0) {
            throw new Refused(
                    Code.GUARDRAIL,
                    "keep: " + Durations.text(keep) + " for table " + table + " (this executor keeps at least "
                            + Durations.text(guards.leastKeep()) + ", see upkeep.purge.least-keep)");
        }
    }

    /** Refuses to delete without an archive where this executor demands one. */
    static void demandArchive(Optional<Purge.Archive> archive, Limits.Guards guards) {
        if (guards.requireArchive() && archive.isEmpty()) {
            throw new Refused(
                    Code.GUARDRAIL, "archive: absent (this executor demands it, see upkeep.purge.require-archive)");
        }
    }

    /**
     * Refuses to delete without a verified backup that is young enough for this executor and for the order.
     *
     * @param within the order's own demand
     */
    static void demandBackup(
            Optional<Duration> within,
            DatabaseId database,
            Limits.Demands demands,
            VerifiedBackups backups,
            Instant now) {
        Optional<Duration> least =
                Stream.concat(within.stream(), demands.backupWithin().stream()).min(Comparator.naturalOrder());
        if (least.isEmpty()) {
            return;
        }
        Optional<Instant> newest = backups.newest(database);
        if (newest.isEmpty() || newest.get().isBefore(now.minus(least.get()))) {
            throw new Refused(
                    Code.BACKUP_MISSING,
                    "backupWithin: " + Durations.text(least.get()) + " (the newest verified backup of " + database
                            + " is " + newest.map(taken -> "from " + taken).orElse("missing") + "; take one first)");
        }
    }

    /** Every limit that is broken; empty if the purge may go ahead. */
    static List<Broken> broken(Plan plan, List<Session.Census> censuses, Limits.Guards guards, List<Receipt> earlier) {
        List<Broken> broken = new ArrayList<>();
        long all = censuses.stream().mapToLong(Session.Census::all).sum();
        if (all > guards.maxRows()) {
            broken.add(new Broken(
                    "rows: " + all + " (at most " + guards.maxRows() + ", see upkeep.purge.max-rows)", true));
        }
        for (int i = 0; i < censuses.size(); i++) {
            Branch branch = plan.branches().get(i);
            Session.Census census = censuses.get(i);
            long rows = census.rows().getOrDefault(branch.root().name(), 0L);
            if (rows > 0 && rows > guards.maxShare() * census.total()) {
                String share = String.format(
                        Locale.ROOT,
                        "share: %.1f %% of the rows of %s, %d of %d (at most %.1f %%, see upkeep.purge.max-share)",
                        100.0 * rows / Math.max(1, census.total()),
                        branch.root().name(),
                        rows,
                        census.total(),
                        100 * guards.maxShare());
                broken.add(new Broken(share, true));
            }
            census.newest()
                    .filter(newest -> branch.rule()
                                    .format()
                                    .filter(Purge.TimeFormat.EPOCH_MILLIS::equals)
                                    .isPresent()
                            && newest.getEpochSecond() < 100_000_000L)
                    .ifPresent(newest -> broken.add(new Broken(
                            "format: epoch-millis for " + branch.root().name() + "("
                                    + branch.rule().column() + ") (the values look like seconds)",
                            false)));
        }
        if (earlier.size() >= EARLIER) {
            List<Long> usual = earlier.stream()
                    .map(receipt -> receipt.deleted().values().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .sorted()
                    .toList();
            long median = usual.get(usual.size() / 2);
            if (all > FEW && all > guards.maxDeviation() * median) {
                broken.add(new Broken(
                        "deviation: " + all + " rows (the last " + earlier.size() + " purges by this plan deleted "
                                + median + " as their median, at most " + guards.maxDeviation()
                                + " times as many are allowed, see upkeep.purge.max-deviation)",
                        true));
            }
        }
        return broken;
    }

    /** All of them, in words. */
    static String words(List<Broken> broken) {
        return broken.stream().map(Broken::words).collect(Collectors.joining("; "));
    }
}
