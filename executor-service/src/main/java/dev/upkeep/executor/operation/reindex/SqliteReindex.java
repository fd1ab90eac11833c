package dev.upkeep.executor.operation.reindex;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Reindex;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.sqlite.SqliteSession;
import dev.upkeep.executor.operation.sqlite.SqliteTable;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Rebuilds indexes of a SQLite file, one transaction each, which keeps writers waiting while it is built. With nothing named it
 * takes those with much empty space, as {@code dbstat} counts it. Broken off, the index in the making is as it was.
 */
@ApplicationScoped
public class SqliteReindex implements Operation<Reindex, SqliteDatabase> {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final double LEAST_SHARE = 0.5;
    private static final long LEAST_BYTES = 10L * 1024 * 1024;

    /** An index as the schema has it. */
    private record Index(String name, String table) {}

    @Override
    public Class<Reindex> task() {
        return Reindex.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<Reindex> order, SqliteDatabase database, Attempt attempt) throws SQLException {
        try (SqliteSession session =
                order.dryRun() ? SqliteSession.reading(database, attempt) : SqliteSession.writing(database, attempt)) {
            List<Index> all = session.rows(
                    "SELECT name, tbl_name FROM main.sqlite_schema WHERE type = 'index' ORDER BY tbl_name, name",
                    row -> new Index(row.getString(1), row.getString(2)));
            Optional<Reason> missing = missing(order.task(), session, all, database);
            if (missing.isPresent()) {
                return Done.rejected(missing.get());
            }
            List<Index> chosen = choose(order.task(), session, all);
            return chosen.isEmpty()
                    ? Done.nothing(new Reindex.Report(List.of(), List.of(), List.of()), List.of(), List.of())
                    : rebuild(order, session, attempt, chosen);
        }
    }

    private static Optional<Reason> missing(
            Reindex task, SqliteSession session, List<Index> all, SqliteDatabase database) throws SQLException {
        List<SqliteTable> tables = SqliteTable.all(session);
        for (TableName table : task.tables()) {
            if (SqliteTable.find(tables, table).isEmpty()) {
                return Optional.of(SqliteTable.missing("tables", table, database));
            }
        }
        for (TableName index : task.indexes()) {
            if (all.stream().noneMatch(there -> isNamed(index, there.name()))) {
                return Optional.of(new Reason(
                        Code.NO_SUCH_TABLE, "indexes: " + index + " (must be an index of " + database.file() + ")"));
            }
        }
        return Optional.empty();
    }

    private static boolean isNamed(TableName asked, String name) {
        return asked.schema().map("main"::equalsIgnoreCase).orElse(true)
                && asked.table().equalsIgnoreCase(name);
    }

    private static List<Index> choose(Reindex task, SqliteSession session, List<Index> all) throws SQLException {
        if (task.all()) {
            return all;
        }
        if (!task.tables().isEmpty() || !task.indexes().isEmpty()) {
            return all.stream()
                    .filter(index -> task.indexes().stream().anyMatch(asked -> isNamed(asked, index.name()))
                            || task.tables().stream().anyMatch(asked -> isNamed(asked, index.table())))
                    .toList();
        }
        List<Index> worthIt = new ArrayList<>();
        for (Index index : all) {
            long bytes = bytes(session, index);
            long empty = session.first(
                            "SELECT coalesce(sum(unused), 0) FROM dbstat('main', 1) WHERE name = ?",
                            row -> row.getLong(1),
                            index.name())
                    .orElse(0L);
            if (bytes > 0
                    && empty >= task.leastBloatBytes().orElse(LEAST_BYTES)
                    && (double) empty / bytes >= task.leastBloatShare().orElse(LEAST_SHARE)) {
                worthIt.add(index);
            }
        }
        return worthIt;
    }

    private static long bytes(SqliteSession session, Index index) throws SQLException {
        return session.first(
                        "SELECT coalesce(sum(pgsize), 0) FROM dbstat('main', 1) WHERE name = ?",
                        row -> row.getLong(1),
                        index.name())
                .orElse(0L);
    }

    private static Done rebuild(Order<Reindex> order, SqliteSession session, Attempt attempt, List<Index> chosen)
            throws SQLException {
        List<Reindex.Index> rebuilt = new ArrayList<>();
        List<TableName> locked = new ArrayList<>();
        for (Index index : chosen) {
            long begin = System.nanoTime();
            try {
                long before = bytes(session, index);
                if (!order.dryRun()) {
                    session.execute("REINDEX main." + SqliteTable.quoted(index.name()), PATIENCE);
                }
                rebuilt.add(new Reindex.Index(
                        SqliteTable.safe(index.name()),
                        SqliteTable.safe(index.table()),
                        before,
                        bytes(session, index)));
            } catch (SQLException e) {
                Optional<Stop> stop = session.stopOf(e);
                if (stop.isPresent()) {
                    Reindex.Report report = new Reindex.Report(rebuilt, locked, List.of());
                    return Done.partial(report, stop.get().reason(), List.of(), figures(rebuilt));
                }
                if (!session.isBusy(e)) {
                    throw e;
                }
                locked.add(SqliteTable.safe(index.name()));
            }
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            attempt.progress(100.0 * (rebuilt.size() + locked.size()) / chosen.size(), Optional.empty(), index.name());
            attempt.yieldToApplication(took, took);
        }
        Reindex.Report report = new Reindex.Report(rebuilt, locked, List.of());
        return rebuilt.isEmpty()
                ? new Done(
                        Outcome.CONTENDED,
                        Optional.of(report),
                        Optional.of(session.contention("REINDEX")),
                        List.of(),
                        List.of())
                : Done.succeeded(report, List.of(), order.dryRun() ? List.of() : figures(rebuilt));
    }

    private static List<Measurement> figures(List<Reindex.Index> rebuilt) {
        long freed = rebuilt.stream()
                .mapToLong(index -> Math.max(0, index.bytesBefore() - index.bytesAfter()))
                .sum();
        return List.of(
                Measurement.count("reindex_done", "indexes", rebuilt.size(), Map.of()),
                Measurement.count("reindex_freed", "bytes", (double) freed, Map.of()));
    }
}
