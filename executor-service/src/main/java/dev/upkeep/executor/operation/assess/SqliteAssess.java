package dev.upkeep.executor.operation.assess;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Assess;
import dev.upkeep.common.task.TimeColumn;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.sqlite.SqliteFigures;
import dev.upkeep.executor.operation.sqlite.SqliteSession;
import dev.upkeep.executor.operation.sqlite.SqliteTable;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measures a SQLite file: sizes by {@code dbstat}, rows by statistics or counted, the age of data. Each table is read in a
 * short session state of its own, so that the log can be checkpointed in between. Unless exact figures are asked for, sizing
 * ends after some seconds, and the report says that it is truncated.
 */
@ApplicationScoped
public class SqliteAssess implements Operation<Assess, SqliteDatabase> {
    private static final int MOST_TABLES = 100;
    private static final Duration QUICK = Duration.ofSeconds(10);

    @Override
    public Class<Assess> task() {
        return Assess.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<Assess> order, SqliteDatabase database, Attempt attempt) throws SQLException {
        try (SqliteSession session = SqliteSession.reading(database, attempt)) {
            List<SqliteTable> all = SqliteTable.all(session);
            List<SqliteTable> chosen = new ArrayList<>(order.task().tables().isEmpty() ? all : List.of());
            for (TableName name : order.task().tables()) {
                Optional<SqliteTable> table = SqliteTable.find(all, name);
                if (table.isEmpty()) {
                    return Done.rejected(noSuchTable("tables", name, database));
                }
                chosen.add(table.get());
            }
            List<AgeOf> ages = new ArrayList<>();
            for (TimeColumn column : order.task().ages()) {
                Optional<SqliteTable> table = SqliteTable.find(all, column.table());
                if (table.isEmpty()) {
                    return Done.rejected(noSuchTable("ages.table", column.table(), database));
                }
                Optional<String> name =
                        table.get().column(session, column.column().column());
                if (name.isEmpty()) {
                    return Done.rejected(new Reason(
                            Code.NO_SUCH_COLUMN,
                            "ages.column: " + column.column() + " (must be a column of " + column.table() + ")"));
                }
                ages.add(new AgeOf(column, table.get(), name.get()));
            }
            return assess(session, database, attempt, order, chosen, ages);
        }
    }

    private static Reason noSuchTable(String field, TableName name, SqliteDatabase database) {
        return new Reason(Code.NO_SUCH_TABLE, field + ": " + name + " (must be a table of " + database.file() + ")");
    }

    private static Done assess(
            SqliteSession session,
            SqliteDatabase database,
            Attempt attempt,
            Order<Assess> order,
            List<SqliteTable> tables,
            List<AgeOf> columns)
            throws SQLException {
        boolean exact = order.task().exact();
        SqliteFigures figures = SqliteFigures.of(session, database);
        List<Assess.Table> sized = new ArrayList<>();
        List<Assess.Age> ages = new ArrayList<>();
        boolean truncated = false;
        Optional<Stop> stop = Optional.empty();
        try {
            for (AgeOf column : columns) {
                ages.add(column.read(session));
            }
            TableSizes sizes = new TableSizes(session, exact);
            long begin = System.nanoTime();
            for (SqliteTable table : tables) {
                if (!exact && System.nanoTime() - begin > QUICK.toNanos()) {
                    truncated = true;
                    break;
                }
                Optional<TableName> name = table.reported();
                if (name.isPresent()) {
                    sized.add(sizes.of(table, name.get()));
                }
                attempt.progress(100.0 * sized.size() / tables.size(), Optional.empty(), table.name());
            }
        } catch (SQLException e) {
            stop = session.stopOf(e);
            if (stop.isEmpty()) {
                throw e;
            }
        }
        sized.sort(Comparator.comparingLong((Assess.Table table) -> table.bytes() + table.indexBytes())
                .reversed());
        truncated |= sized.size() > MOST_TABLES || stop.isPresent();
        List<Assess.Table> largest = sized.subList(0, Math.min(MOST_TABLES, sized.size()));
        Assess.Report report = new Assess.Report(figures.bytes(), largest, ages, truncated);
        List<Measurement> measurements = measurements(figures, largest, ages, order.asOf());
        return stop.isPresent()
                ? Done.partial(report, stop.get().reason(), List.of(), measurements)
                : Done.succeeded(report, List.of(), measurements);
    }

    private static List<Measurement> measurements(
            SqliteFigures figures, List<Assess.Table> tables, List<Assess.Age> ages, Instant asOf) {
        List<Measurement> all = new ArrayList<>(figures.measurements());
        for (Assess.Table table : tables) {
            Map<String, String> labels = Map.of("table", table.table().text());
            all.add(Measurement.gauge("table_size", "bytes", (double) table.bytes(), labels));
            all.add(Measurement.gauge("table_indexes_size", "bytes", (double) table.indexBytes(), labels));
            all.add(Measurement.gauge("table_rows", "rows", (double) table.rows(), labels));
        }
        for (Assess.Age age : ages) {
            Map<String, String> labels = Map.of(
                    "table",
                    age.of().table().text(),
                    "column",
                    age.of().column().text());
            age.oldest()
                    .ifPresent(oldest -> all.add(Measurement.gauge(
                            "oldest_record_age",
                            "seconds",
                            Duration.between(oldest, asOf).toMillis() / 1000.0,
                            labels)));
            all.add(Measurement.gauge("table_growth", "rows_per_day", age.rowsPerDay(), labels));
        }
        return all;
    }
}
