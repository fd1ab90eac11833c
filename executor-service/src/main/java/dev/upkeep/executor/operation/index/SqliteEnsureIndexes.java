package dev.upkeep.executor.operation.index;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.EnsureIndexes;
import dev.upkeep.common.task.EnsureIndexes.Wanted;
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
 * Creates missing indexes in a SQLite file, one transaction each, which keeps writers waiting while it is built. All names are
 * looked up before the first one is created. Broken off, the index in the making is gone and the finished ones stay.
 */
@ApplicationScoped
public class SqliteEnsureIndexes implements Operation<EnsureIndexes, SqliteDatabase> {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    @Override
    public Class<EnsureIndexes> task() {
        return EnsureIndexes.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<EnsureIndexes> order, SqliteDatabase database, Attempt attempt) throws SQLException {
        try (SqliteSession session =
                order.dryRun() ? SqliteSession.reading(database, attempt) : SqliteSession.writing(database, attempt)) {
            List<SqliteTable> tables = SqliteTable.all(session);
            List<EnsureIndexes.Index> present = new ArrayList<>();
            List<Missing> missing = new ArrayList<>();
            for (Wanted wanted : order.task().indexes()) {
                Optional<SqliteTable> table = SqliteTable.find(tables, wanted.table());
                if (table.isEmpty()) {
                    return Done.rejected(SqliteTable.missing("indexes.table", wanted.table(), database));
                }
                List<String> columns = new ArrayList<>();
                for (ColumnName column : wanted.columns()) {
                    Optional<String> name = table.get().column(session, column.column());
                    if (name.isEmpty()) {
                        return Done.rejected(SqliteTable.missing("indexes.columns", column, wanted.table()));
                    }
                    columns.add(name.get());
                }
                Optional<String> like = SqliteIndex.like(session, table.get(), columns, wanted.unique());
                Missing index = new Missing(wanted, table.get(), columns);
                if (like.isPresent()) {
                    present.add(new EnsureIndexes.Index(like.get(), wanted.table(), false));
                } else if (missing.stream().noneMatch(other -> other.name().equals(index.name()))) {
                    if (isTaken(session, index.name())) {
                        return Done.rejected(new Reason(
                                Code.INVALID,
                                "indexes.name: " + index.name()
                                        + " (must not be the name of something else in the file)"));
                    }
                    missing.add(index);
                }
            }
            return create(order, session, attempt, present, missing);
        }
    }

    /** One index that is not there. */
    private record Missing(Wanted wanted, SqliteTable table, List<String> columns) {
        String name() {
            return wanted.name()
                    .map(ColumnName::column)
                    .orElseGet(() -> "idx_" + table.name() + "_" + String.join("_", columns));
        }

        String sql() {
            return "CREATE " + (wanted.unique() ? "UNIQUE " : "") + "INDEX main." + SqliteTable.quoted(name()) + " ON "
                    + SqliteTable.quoted(table.name()) + " ("
                    + String.join(
                            ", ", columns.stream().map(SqliteTable::quoted).toList()) + ")";
        }

        EnsureIndexes.Index reported() {
            return new EnsureIndexes.Index(name(), wanted.table(), false);
        }
    }

    private static boolean isTaken(SqliteSession session, String name) throws SQLException {
        return session.first("SELECT 1 FROM main.sqlite_schema WHERE name = ? COLLATE NOCASE", row -> 1, name)
                .isPresent();
    }

    private static Done create(
            Order<EnsureIndexes> order,
            SqliteSession session,
            Attempt attempt,
            List<EnsureIndexes.Index> present,
            List<Missing> missing)
            throws SQLException {
        if (missing.isEmpty()) {
            return Done.nothing(new EnsureIndexes.Report(List.of(), present, List.of()), List.of(), List.of());
        }
        List<EnsureIndexes.Index> created = new ArrayList<>();
        List<TableName> locked = new ArrayList<>();
        for (Missing index : missing) {
            long begin = System.nanoTime();
            try {
                attempt.progress(100.0 * created.size() / missing.size(), Optional.empty(), index.name());
                if (!order.dryRun()) {
                    session.execute(index.sql(), PATIENCE);
                }
                created.add(index.reported());
            } catch (SQLException e) {
                Optional<Stop> stop = session.stopOf(e);
                if (stop.isPresent()) {
                    EnsureIndexes.Report report = new EnsureIndexes.Report(created, present, locked);
                    return Done.partial(report, stop.get().reason(), List.of(), figures(created));
                }
                if (!session.isBusy(e)) {
                    throw e;
                }
                locked.add(index.wanted().table());
            }
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            attempt.yieldToApplication(took, took);
        }
        EnsureIndexes.Report report = new EnsureIndexes.Report(created, present, locked);
        return created.isEmpty()
                ? new Done(
                        Outcome.CONTENDED,
                        Optional.of(report),
                        Optional.of(session.contention("CREATE INDEX")),
                        List.of(),
                        List.of())
                : Done.succeeded(report, List.of(), order.dryRun() ? List.of() : figures(created));
    }

    private static List<Measurement> figures(List<EnsureIndexes.Index> created) {
        return List.of(Measurement.count("ensure_indexes_created", "indexes", created.size(), Map.of()));
    }
}
