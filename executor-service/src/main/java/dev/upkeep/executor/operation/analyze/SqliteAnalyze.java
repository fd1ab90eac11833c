package dev.upkeep.executor.operation.analyze;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Analyze;
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
 * Renews the statistics of a SQLite file, table by table, each in a short transaction of its own that looks at no more than
 * some rows of each index. Only modified tables are those that {@code PRAGMA optimize} would analyze.
 */
@ApplicationScoped
public class SqliteAnalyze implements Operation<Analyze, SqliteDatabase> {
    /** Rows of an index that are looked at, about; SQLite's own recommendation is 100 to 1000. */
    private static final int ROWS_LOOKED_AT = 1_000;

    /** For how long one table's lock is tried for. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Override
    public Class<Analyze> task() {
        return Analyze.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<Analyze> order, SqliteDatabase database, Attempt attempt) throws SQLException {
        try (SqliteSession session =
                order.dryRun() ? SqliteSession.reading(database, attempt) : SqliteSession.writing(database, attempt)) {
            List<SqliteTable> all = SqliteTable.all(session);
            List<SqliteTable> chosen = new ArrayList<>(order.task().tables().isEmpty() ? all : List.of());
            for (TableName name : order.task().tables()) {
                Optional<SqliteTable> table = SqliteTable.find(all, name);
                if (table.isEmpty()) {
                    return Done.rejected(new Reason(
                            Code.NO_SUCH_TABLE, "tables: " + name + " (must be a table of " + database.file() + ")"));
                }
                chosen.add(table.get());
            }
            int asked = chosen.size();
            if (order.task().onlyModified()) {
                List<String> modified = modified(session);
                chosen.removeIf(table -> !modified.contains(table.name()));
            }
            if (chosen.isEmpty()) {
                return Done.nothing(new Analyze.Report(List.of(), List.of(), asked), List.of(), List.of());
            }
            return order.dryRun()
                    ? Done.succeeded(
                            new Analyze.Report(names(chosen), List.of(), asked - chosen.size()), List.of(), List.of())
                    : analyze(session, attempt, chosen, asked - chosen.size());
        }
    }

    /** What PRAGMA optimize says it would do, without doing it: statements {@code ANALYZE "main"."name"}. */
    private static List<String> modified(SqliteSession session) throws SQLException {
        String before = "ANALYZE \"main\".";
        return session.rows("PRAGMA optimize(0x10003)", row -> row.getString(1)).stream()
                .filter(statement -> statement.startsWith(before))
                .map(statement -> statement.substring(before.length()))
                .map(quoted -> quoted.substring(1, quoted.length() - 1).replace("\"\"", "\""))
                .toList();
    }

    private static Done analyze(SqliteSession session, Attempt attempt, List<SqliteTable> tables, int unchanged)
            throws SQLException {
        List<SqliteTable> analyzed = new ArrayList<>();
        List<SqliteTable> locked = new ArrayList<>();
        session.execute("PRAGMA analysis_limit = " + ROWS_LOOKED_AT);
        for (SqliteTable table : tables) {
            long begin = System.nanoTime();
            try {
                session.execute("ANALYZE " + table.sql(), PATIENCE);
                analyzed.add(table);
            } catch (SQLException e) {
                Optional<Stop> stop = session.stopOf(e);
                if (stop.isPresent()) {
                    Reason reason = stop.get().reason();
                    return Done.partial(report(analyzed, locked, unchanged), reason, List.of(), measurements(analyzed));
                }
                if (!session.isBusy(e)) {
                    throw e;
                }
                locked.add(table);
            }
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            attempt.progress(100.0 * (analyzed.size() + locked.size()) / tables.size(), Optional.empty(), table.name());
            attempt.yieldToApplication(took, took);
        }
        Analyze.Report report = report(analyzed, locked, unchanged);
        if (analyzed.isEmpty()) {
            return new Done(
                    Outcome.CONTENDED,
                    Optional.of(report),
                    Optional.of(session.contention("ANALYZE")),
                    List.of(),
                    List.of());
        }
        return Done.succeeded(report, List.of(), measurements(analyzed));
    }

    private static Analyze.Report report(List<SqliteTable> analyzed, List<SqliteTable> locked, int unchanged) {
        return new Analyze.Report(names(analyzed), names(locked), unchanged);
    }

    private static List<Measurement> measurements(List<SqliteTable> analyzed) {
        return List.of(Measurement.count("analyze_done", "tables", analyzed.size(), Map.of()));
    }

    private static List<TableName> names(List<SqliteTable> tables) {
        return tables.stream().flatMap(table -> table.reported().stream()).toList();
    }
}
