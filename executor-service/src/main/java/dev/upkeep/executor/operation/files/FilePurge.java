package dev.upkeep.executor.operation.files;

import dev.upkeep.common.Sha256;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.PurgeFiles;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Purges files of one store, whatever the engine of the rows. A file is moved only if two scans apart found no row for it, it
 * did not change in between, and a look at the rows right before the move finds none; if a look right after the move finds
 * one, it is put back. What is in quarantine and has a row by now is put back first. A broken-off or repeated command goes on
 * with the same receipt. Stateless.
 */
final class FilePurge {
    private static final Duration BETWEEN = Duration.ofMinutes(1);
    private static final Duration QUARANTINE = Duration.ofDays(7);
    private static final double MAX_ORPHAN_SHARE = 0.5;
    private static final int FEW = 10;
    private static final int BATCH = 500;
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final PayloadStores stores;

    FilePurge(PayloadStores stores) {
        this.stores = stores;
    }

    Done perform(Order<PurgeFiles> order, Database database, Attempt attempt, References.Source source)
            throws SQLException, IOException {
        PurgeFiles task = order.task();
        Optional<PayloadStore> found = stores.find(task.store(), database.id());
        if (found.isEmpty()) {
            return Done.rejected(stores.unknown(task.store(), database.id()));
        }
        PayloadStore store = found.get();
        if (task.minAge().compareTo(store.leastAge()) < 0) {
            return Done.rejected(new Reason(
                    Code.GUARDRAIL,
                    "minAge: " + task.minAge() + " (must be at least " + store.leastAge() + " on this executor)"));
        }
        Optional<Reason> noRoot = PayloadStores.problem(store);
        if (noRoot.isPresent()) {
            return Done.rejected(noRoot.get());
        }
        try (References rows = source.open(store)) {
            return purge(order, store, rows, attempt);
        }
    }

    private static Done purge(Order<PurgeFiles> order, PayloadStore store, References rows, Attempt attempt)
            throws SQLException, IOException {
        PurgeFiles task = order.task();
        Instant before = order.asOf().minus(task.minAge());
        Scan first = Scan.of(store, rows, before, () -> attempt.stop().isPresent());
        if (attempt.stop().isPresent()) {
            return partial(first, new Moves(), Optional.empty(), attempt.stop().get());
        }
        Optional<Reason> absurd = absurd(task, first);
        if (absurd.isPresent()) {
            return Done.rejected(absurd.get(), report(first, new Moves(), Optional.empty(), true));
        }
        Quarantine quarantine = new Quarantine(store.root());
        Moves moves = new Moves();
        if (!order.dryRun()) {
            moves.returned = giveBack(quarantine, store, first.keys());
        }
        Instant oldest = order.asOf().minus(task.quarantine().orElse(QUARANTINE));
        if (isBlind(task, first)) {
            moves.kept = quarantine.expire(oldest, true);
        } else {
            moves.expired = quarantine.expire(oldest, order.dryRun());
        }
        String receipt = receiptOf(order);
        quarantine.entries(receipt).values().forEach(entry -> moves.took(entry.bytes())); // by an earlier attempt
        if (first.orphans().isEmpty()) {
            return moves.expired.count() + moves.returned + moves.count == 0
                    ? Done.nothing(
                            report(first, moves, Optional.empty(), true),
                            findings(store, first, moves),
                            figures(first, moves))
                    : done(store, first, moves, used(moves, receipt));
        }
        if (order.dryRun()) {
            first.orphans().forEach(orphan -> moves.took(orphan.bytes()));
            return done(store, first, moves, Optional.empty());
        }
        attempt.progress(
                10,
                task.between(),
                "waiting before the second look at " + first.orphans().size() + " files");
        attempt.yieldToApplication(Duration.ZERO, task.between().orElse(BETWEEN));
        try {
            List<Orphan> still = attempt.stop().isPresent()
                    ? List.of()
                    : without(first.orphans(), rowsFor(store, rows, first.orphans()), store);
            moves.saved += attempt.stop().isPresent() ? 0 : first.orphans().size() - still.size();
            for (int at = 0; at < still.size() && attempt.stop().isEmpty(); at += BATCH) {
                long begin = System.nanoTime();
                List<Orphan> batch = still.subList(at, Math.min(at + BATCH, still.size()));
                move(store, rows, quarantine, receipt, batch, order, moves);
                attempt.progress(20 + 80.0 * at / still.size(), Optional.empty(), moves.count + " files in quarantine");
                Duration took = Duration.ofNanos(System.nanoTime() - begin);
                attempt.yieldToApplication(took, took);
            }
        } catch (SQLException e) {
            if (attempt.stop().isEmpty()) {
                throw e;
            }
        }
        Optional<String> used = used(moves, receipt);
        return attempt.stop().isPresent()
                ? partial(first, moves, used, attempt.stop().get())
                : done(store, first, moves, used);
    }

    /**
     * Puts back what is in quarantine and has a row: one that came while an executor died between a move and the look after it, or
     * later. What has a row is never removed for good, except when another file has taken its place.
     */
    private static long giveBack(Quarantine quarantine, PayloadStore store, KeySet keys) throws IOException {
        long count = 0;
        for (String receipt : quarantine.receipts()) {
            for (String path : quarantine.entries(receipt).keySet()) {
                if (keys.contains(store.keyOf(path)) && quarantine.giveBack(receipt, path)) {
                    count++;
                }
            }
        }
        return count;
    }

    private static Optional<Reason> absurd(PurgeFiles task, Scan scan) {
        double most = task.maxOrphanShare().orElse(MAX_ORPHAN_SHARE);
        boolean isMany = scan.orphanCount().count() >= FEW && scan.orphanShare() > most;
        return isMany || (isBlind(task, scan) && scan.orphanCount().count() > 0)
                ? Optional.of(new Reason(
                        Code.GUARDRAIL,
                        scan.orphanCount().count() + " of " + scan.old() + " files old enough have no row ("
                                + Math.round(scan.orphanShare() * 100) + " %), and " + scan.references()
                                + " rows name a file; more than " + Math.round(most * 100)
                                + " % looks like a wrong table, column or database. Nothing was moved. If it is right,"
                                + " order it with maxOrphanShare"))
                : Optional.empty();
    }

    /** Without a single reference nothing tells what is needed: the table may be empty only until it is loaded again. */
    private static boolean isBlind(PurgeFiles task, Scan scan) {
        return scan.references() == 0 && task.maxOrphanShare().orElse(MAX_ORPHAN_SHARE) < 1;
    }

    private static void move(
            PayloadStore store,
            References rows,
            Quarantine quarantine,
            String receipt,
            List<Orphan> batch,
            Order<PurgeFiles> order,
            Moves moves)
            throws SQLException, IOException {
        List<Orphan> last = without(batch, rowsFor(store, rows, batch), store);
        moves.saved += batch.size() - last.size();
        quarantine.intend(receipt, last, order.asOf());
        List<Orphan> taken = new ArrayList<>();
        for (Orphan orphan : last) {
            if (quarantine.take(receipt, orphan)) {
                taken.add(orphan);
                moves.took(orphan.bytes());
            } else {
                moves.saved++;
            }
        }
        Set<String> late = rowsFor(store, rows, taken);
        for (Orphan orphan : taken) {
            if (late.contains(store.keyOf(orphan.path())) && quarantine.giveBack(receipt, orphan.path())) {
                moves.gaveBack(orphan.bytes());
            }
        }
    }

    /** Which of these have a row now. One pass over the rows, since the column need not have an index. */
    private static Set<String> rowsFor(PayloadStore store, References rows, List<Orphan> orphans) throws SQLException {
        Set<String> asked = new HashSet<>();
        orphans.forEach(orphan -> asked.add(store.keyOf(orphan.path())));
        Set<String> found = new HashSet<>();
        if (!asked.isEmpty()) {
            rows.each(
                    value -> store.keyOfReference(value).filter(asked::contains).ifPresent(found::add));
        }
        return found;
    }

    private static List<Orphan> without(List<Orphan> orphans, Set<String> keys, PayloadStore store) {
        return orphans.stream()
                .filter(orphan -> !keys.contains(store.keyOf(orphan.path())))
                .toList();
    }

    /** The same for the same command, so that a repeated one goes on with it. */
    private static String receiptOf(Order<PurgeFiles> order) {
        return STAMP.format(order.asOf()) + "-"
                + Sha256.hex(order.command().text()).substring(0, 8);
    }

    private static Optional<String> used(Moves moves, String receipt) {
        return moves.count == 0 ? Optional.empty() : Optional.of(receipt);
    }

    private static Done done(PayloadStore store, Scan scan, Moves moves, Optional<String> receipt) {
        boolean complete = scan.orphanCount().count() <= scan.orphans().size();
        return Done.succeeded(
                report(scan, moves, receipt, complete), findings(store, scan, moves), figures(scan, moves));
    }

    private static Done partial(Scan scan, Moves moves, Optional<String> receipt, Stop stop) {
        return Done.partial(report(scan, moves, receipt, false), stop.reason(), List.of(), figures(scan, moves));
    }

    private static PurgeFiles.Report report(Scan scan, Moves moves, Optional<String> receipt, boolean complete) {
        return new PurgeFiles.Report(
                scan.files(),
                scan.orphanCount(),
                new PurgeFiles.Files(moves.count, moves.bytes),
                moves.expired,
                moves.saved + moves.returned,
                scan.passedOver(),
                moves.missing(scan),
                receipt,
                complete);
    }

    private static List<Finding> findings(PayloadStore store, Scan scan, Moves moves) {
        List<Finding> findings = new ArrayList<>();
        String object = store.table() + "." + store.column();
        if (moves.missing(scan) > 0) {
            findings.add(new Finding(
                    "missing-payload",
                    Severity.WARNING,
                    object,
                    moves.missing(scan) + " rows",
                    "0 rows",
                    "built-in",
                    "find out who removes files from " + store.root() + " and restore them from a backup"));
        }
        if (moves.kept.count() > 0) {
            findings.add(new Finding(
                    "quarantine-kept",
                    Severity.WARNING,
                    object,
                    moves.kept.count() + " files",
                    "a row that names a file",
                    "built-in",
                    "no row names a file, so that none in quarantine is removed for good; if the table is right, order it with"
                            + " maxOrphanShare 1"));
        }
        return findings;
    }

    private static List<Measurement> figures(Scan scan, Moves moves) {
        return List.of(
                Measurement.gauge(
                        "payload_stored", "files", (double) scan.files().count()),
                Measurement.gauge("payload_size", "bytes", (double) scan.files().bytes()),
                Measurement.gauge(
                        "payload_orphans", "files", (double) scan.orphanCount().count()),
                Measurement.gauge("payload_missing", "files", (double) moves.missing(scan)),
                Measurement.count("payload_quarantined", "files", moves.count, Map.of()),
                Measurement.count("payload_removed", "bytes", (double) moves.expired.bytes(), Map.of()));
    }

    /** What was done so far. */
    private static final class Moves {
        private int count;
        private long bytes;
        private long saved;
        private long returned;
        private PurgeFiles.Files expired = new PurgeFiles.Files(0, 0);
        private PurgeFiles.Files kept = new PurgeFiles.Files(0, 0);

        /** Rows whose file was not there, and is not after what was put back. */
        long missing(Scan scan) {
            return Math.max(0, scan.missing() - returned);
        }

        void took(long size) {
            count++;
            bytes += size;
        }

        void gaveBack(long size) {
            count--;
            bytes -= size;
            saved++;
        }
    }
}
