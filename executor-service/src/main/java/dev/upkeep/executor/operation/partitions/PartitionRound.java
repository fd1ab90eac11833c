package dev.upkeep.executor.operation.partitions;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.MaintainPartitions;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.CrashPoint;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.PartitionArchive;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.RelationName;
import dev.upkeep.executor.operation.postgres.Stopped;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One go at one partitioned table: drain, create, then retire. Used by one thread. */
final class PartitionRound {
    private static final String LOCK_TIMEOUT = "55P03";
    private static final String DEADLOCK = "40P01";
    private static final String CHECK_VIOLATION = "23514";
    private static final int MOST_DRAINED = 200;
    private static final double SECONDS_PER_HOUR = 3_600;

    private final PostgresSession session;
    private final Attempt attempt;
    private final MaintainPartitions task;
    private final boolean dryRun;
    private final PartitionArchive archive;
    private final Order<MaintainPartitions> order;
    private final DatabaseId database;
    private final List<String> receipts = new ArrayList<>();
    private final List<TableName> created = new ArrayList<>();
    private final List<TableName> detached = new ArrayList<>();
    private final List<TableName> dropped = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private Optional<Reason> objection = Optional.empty();
    private long drained;

    PartitionRound(
            PostgresSession session,
            Attempt attempt,
            Order<MaintainPartitions> order,
            DatabaseId database,
            PartitionArchive archive) {
        this.session = session;
        this.attempt = attempt;
        this.order = order;
        this.task = order.task();
        this.dryRun = order.dryRun();
        this.database = database;
        this.archive = archive;
    }

    Done done(PartitionedTable before, Instant now, Instant asOf) throws SQLException, IOException {
        PartitionedTable table = before;
        try {
            if (task.drainDefault()) {
                table = drain(table);
            }
            if (task.ahead().isPresent()) {
                table = create(table, now, task.ahead().get());
            }
            if (task.archive().isPresent() && !dryRun) {
                receipts.addAll(archive.settled(order, database, session.connection()));
            }
            if (task.keep().isPresent()) {
                retire(table, cutoff(table, asOf.minus(task.keep().get())), now);
                table = table.again(session);
            }
        } catch (SQLException e) {
            Optional<Stop> stop = attempt.stop();
            if (stop.isPresent() && PostgresSession.isBrokenOff(e)) {
                session.finish();
                return partial(stop.get(), table.again(session), now);
            }
            if (LOCK_TIMEOUT.equals(e.getSQLState()) || DEADLOCK.equals(e.getSQLState())) {
                return locked(table, now);
            }
            throw e;
        }
        Optional<Stop> stop = attempt.stop();
        if (stop.isPresent() && !dryRun) {
            return partial(stop.get(), table, now);
        }
        MaintainPartitions.Report report = report(table, now);
        boolean isIdle =
                created.isEmpty() && detached.isEmpty() && dropped.isEmpty() && receipts.isEmpty() && drained == 0;
        if (objection.isPresent() && !dryRun) {
            return isIdle
                    ? Done.rejected(objection.get(), report)
                    : Done.partial(report, objection.get(), findings, measurements(table, report));
        }
        return isIdle
                ? Done.nothing(report, findings, measurements(table, report))
                : Done.succeeded(report, findings, measurements(table, report));
    }

    private Done partial(Stop stop, PartitionedTable table, Instant now) {
        MaintainPartitions.Report report = report(table, now);
        return Done.partial(
                report,
                Stopped.reason(stop, "after " + (created.size() + detached.size()) + " partitions"),
                findings,
                measurements(table, report));
    }

    private Done locked(PartitionedTable table, Instant now) {
        Reason reason = new Reason(
                Code.LOCK_TIMEOUT, "others hold locks on table " + table.name() + " or its partitions; try again");
        boolean isIdle =
                created.isEmpty() && detached.isEmpty() && dropped.isEmpty() && receipts.isEmpty() && drained == 0;
        return isIdle
                ? Done.contended(reason)
                : Done.partial(report(table, now), reason, findings, measurements(table, report(table, now)));
    }

    private PartitionedTable create(PartitionedTable table, Instant now, int ahead) throws SQLException {
        Period period = Period.holding(now, task.interval());
        for (int i = 0; i <= ahead && attempt.stop().isEmpty(); i++) {
            if (!table.covers(period) && !reachesEndless(table)) {
                attempt.progress(
                        50.0 * i / (ahead + 1), Optional.empty(), "creating the partition from " + period.start());
                try {
                    make(table, period, "");
                } catch (SQLException e) {
                    if (!CHECK_VIOLATION.equals(e.getSQLState())) {
                        throw e;
                    }
                    findings.add(new Finding(
                            "default-partition",
                            Severity.WARNING,
                            table.name().text(),
                            "holds rows from " + period.start() + " on",
                            "an empty default partition",
                            "built-in",
                            "Run task maintain-partitions with drainDefault on table " + table.name() + "."));
                }
            }
            period = period.next(task.interval());
        }
        return table.again(session);
    }

    private static boolean reachesEndless(PartitionedTable table) {
        return table.partitions().stream().anyMatch(PartitionedTable.Partition::endless);
    }

    private PartitionedTable drain(PartitionedTable table) throws SQLException {
        Optional<PartitionedTable.Partition> rest = table.defaultPartition();
        if (rest.isEmpty()) {
            return table;
        }
        String column = RelationName.quoted(table.column());
        List<Instant> times = session.rows(
                "SELECT DISTINCT date_trunc('" + task.interval().name().toLowerCase(java.util.Locale.ROOT) + "', "
                        + column
                        + "::timestamptz) FROM " + rest.get().name().sql() + " WHERE isfinite(" + column
                        + ") ORDER BY 1 LIMIT " + MOST_DRAINED,
                row -> row.getTimestamp(1).toInstant());
        for (Instant time : times) {
            Period period = Period.holding(time, task.interval());
            if (attempt.stop().isEmpty() && !table.covers(period)) {
                attempt.progress(
                        0, Optional.empty(), "moving rows from " + period.start() + " out of the default partition");
                String range = column + " >= " + table.literal(period.start()) + " AND " + column + " < "
                        + table.literal(period.end());
                long rows = session.first(
                                "SELECT count(*) FROM " + rest.get().name().sql() + " WHERE " + range,
                                row -> row.getLong(1))
                        .orElse(0L);
                make(table, period, rest.get().name().sql() + " WHERE " + range);
                drained += rows;
            }
        }
        return table.again(session);
    }

    /** Builds a partition beside the table, moves rows into it from elsewhere if asked, and attaches it, all or nothing. */
    private void make(PartitionedTable table, Period period, String rowsFrom) throws SQLException {
        RelationName name =
                new RelationName(table.name().schema(), table.name().name() + period.suffix(task.interval()));
        if (session.first(
                        "SELECT true FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND"
                                + " c.relname = ?",
                        row -> row.getBoolean(1),
                        name.schema(),
                        name.name())
                .isPresent()) {
            throw new Failure(
                    Code.INVALID,
                    "table " + name
                            + " is in the way of a partition of that name; was it detached earlier? Drop or rename it");
        }
        if (!dryRun) {
            List<String> statements = new ArrayList<>();
            statements.add("CREATE TABLE " + name.sql() + " (LIKE "
                    + table.name().sql() + " INCLUDING ALL EXCLUDING INDEXES EXCLUDING IDENTITY)");
            if (!rowsFrom.isEmpty()) {
                String columns = columns(table);
                statements.add("WITH moved AS (DELETE FROM " + rowsFrom + " RETURNING " + columns + ") INSERT INTO "
                        + name.sql() + " (" + columns + ") SELECT " + columns + " FROM moved");
            }
            statements.add("ALTER TABLE " + name.sql() + " OWNER TO " + RelationName.quoted(table.owner()));
            statements.add(
                    "ALTER TABLE " + table.name().sql() + " ATTACH PARTITION " + name.sql() + " FOR VALUES FROM ("
                            + table.literal(period.start()) + ") TO (" + table.literal(period.end()) + ")");
            together(statements);
        }
        created.add(name.table());
    }

    private String columns(PartitionedTable table) throws SQLException {
        return String.join(
                ", ",
                session.rows(
                        "SELECT attname FROM pg_attribute WHERE attrelid = ?::int8::oid AND attnum > 0 AND NOT attisdropped"
                                + " AND attgenerated = '' ORDER BY attnum",
                        row -> RelationName.quoted(row.getString(1)),
                        table.oid()));
    }

    private void together(List<String> statements) throws SQLException {
        Connection connection = session.connection();
        connection.setAutoCommit(false);
        boolean isDone = false;
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
            isDone = true;
        } finally {
            if (!isDone) {
                connection.rollback();
            }
            connection.setAutoCommit(true);
        }
    }

    private Instant cutoff(PartitionedTable table, Instant cutoff) {
        return table.type().endsWith("with time zone") ? cutoff : archive.localCutoff(database, cutoff);
    }

    private void retire(PartitionedTable table, Instant cutoff, Instant now) throws SQLException, IOException {
        List<PartitionedTable.Partition> past = table.partitions().stream()
                .filter(partition -> isPast(partition, cutoff) || partition.pending())
                .toList();
        List<RelationName> left =
                task.drop() && task.archive().isEmpty() ? Leftovers.of(table, cutoff, session) : List.of();
        if (task.drop() && !(past.isEmpty() && left.isEmpty())) {
            objection = archive.objection(order, database, table.name().table(), now);
            if (objection.isPresent()) {
                findings.add(refused(table, objection.get()));
                return;
            }
        }
        for (RelationName name : left) {
            drop(name);
        }
        for (PartitionedTable.Partition partition : past) {
            if (attempt.stop().isEmpty()) {
                attempt.progress(75, Optional.empty(), "detaching " + partition.name());
                retire(table, partition, isPast(partition, cutoff));
            }
        }
    }

    private static boolean isPast(PartitionedTable.Partition partition, Instant cutoff) {
        return partition.period().map(period -> !period.end().isAfter(cutoff)).orElse(false);
    }

    private static Finding refused(PartitionedTable table, Reason reason) {
        return new Finding(
                "partitions-not-dropped",
                Severity.WARNING,
                table.name().text(),
                reason.message(),
                "nothing against it",
                "built-in",
                "Partitions past retention stay until this executor's settings for purges (upkeep.purge) let them be dropped.");
    }

    private void retire(PartitionedTable table, PartitionedTable.Partition partition, boolean isPast)
            throws SQLException, IOException {
        if (task.archive().isPresent() && isPast && !dryRun) {
            Optional<String> receipt =
                    new ArchivedDrop(session, archive, order, database, attempt).perform(table, partition);
            if (receipt.isPresent()) {
                receipts.add(receipt.get());
                detached.add(partition.name().table());
                dropped.add(partition.name().table());
            }
            return;
        }
        boolean isDropped = task.drop() && isPast;
        if (!dryRun) {
            String detach = "ALTER TABLE " + table.name().sql() + " DETACH PARTITION "
                    + partition.name().sql();
            boolean isConcurrent =
                    session.version() >= 140_000 && table.defaultPartition().isEmpty();
            if (isDropped) {
                Leftovers.mark(table, partition, session);
            }
            try {
                session.run(detach + (partition.pending() ? " FINALIZE" : isConcurrent ? " CONCURRENTLY" : ""));
            } catch (SQLException e) {
                if (isDropped && LOCK_TIMEOUT.equals(e.getSQLState())) {
                    Leftovers.unmark(partition, session);
                }
                throw e;
            }
            CrashPoint.hit("partition-detached");
        }
        detached.add(partition.name().table());
        if (isDropped) {
            drop(partition.name());
        }
    }

    private void drop(RelationName name) throws SQLException {
        if (!dryRun) {
            session.run("DROP TABLE " + name.sql());
        }
        dropped.add(name.table());
    }

    private MaintainPartitions.Report report(PartitionedTable table, Instant now) {
        double hours = table.end()
                .map(end -> Duration.between(now, end).toSeconds() / SECONDS_PER_HOUR)
                .orElse(0.0);
        return new MaintainPartitions.Report(
                List.copyOf(created),
                List.copyOf(detached),
                List.copyOf(dropped),
                drained,
                Math.round(hours * 10) / 10.0,
                List.copyOf(receipts));
    }

    private List<Measurement> measurements(PartitionedTable table, MaintainPartitions.Report report) {
        Map<String, String> labels = Map.of("table", table.name().text());
        List<Measurement> all = new ArrayList<>();
        all.add(Measurement.gauge("partition_headroom", "seconds", report.headroomHours() * SECONDS_PER_HOUR, labels));
        if (!dryRun) {
            all.add(Measurement.count("partitions_created", "partitions", (long) created.size(), labels));
            all.add(Measurement.count("partitions_detached", "partitions", (long) detached.size(), labels));
            all.add(Measurement.count("partitions_dropped", "partitions", (long) dropped.size(), labels));
        }
        return all;
    }
}
