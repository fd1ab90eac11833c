package dev.upkeep.executor.operation.assess;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Assess;
import dev.upkeep.common.task.TimeColumn;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.PostgresTable;
import dev.upkeep.executor.operation.postgres.RelationName;
import dev.upkeep.executor.operation.postgres.Stopped;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Measures a PostgreSQL database: its size, its largest tables with their indexes, row counts (estimated, or counted when asked)
 * and the age of rows by time columns. A partitioned table counts as the sum of its partitions. Tables under an exclusive lock are
 * left out, so that it never waits for anybody. A dry run is the same, as nothing is changed anyway.
 */
@ApplicationScoped
public class PostgresAssess implements Operation<Assess, PostgresDatabase> {
    private static final int LISTED = 100;
    private static final int MEASURED = 20;
    private static final double SECONDS_PER_DAY = 86_400;
    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(30);
    private static final String SIZES = """
            SELECT n.nspname, c.relname, s.bytes, s.index_bytes, s.rows, s.dead
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
              LATERAL (SELECT coalesce(sum(pg_table_size(m.oid)), 0)::int8 AS bytes,
                  coalesce(sum(pg_indexes_size(m.oid)), 0)::int8 AS index_bytes,
                  coalesce(sum(CASE WHEN m.reltuples < 0 THEN pg_stat_get_live_tuples(m.oid) ELSE m.reltuples END), 0)::int8 AS rows,
                  coalesce(sum(pg_stat_get_dead_tuples(m.oid)), 0)::int8 AS dead
                FROM pg_class m
                WHERE m.oid = ANY (CASE WHEN c.relkind = 'p'
                  THEN ARRAY(SELECT relid::oid FROM pg_partition_tree(c.oid) WHERE isleaf) ELSE ARRAY[c.oid] END)
                  AND NOT m.oid = ANY (ARRAY(SELECT relation FROM pg_locks
                    WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL AND pid <> pg_backend_pid()))) s
            WHERE""" + PostgresTable.OF_APPLICATION + """
              AND CASE WHEN cardinality(?::int8[]) > 0 THEN c.oid::int8 = ANY (?::int8[])
                ELSE NOT c.relispartition END
            ORDER BY s.bytes + s.index_bytes DESC, 1, 2
            """;
    private static final String COLUMN = """
            SELECT a.attname, format_type(a.atttypid, NULL) AS type FROM pg_attribute a
            WHERE a.attrelid = ?::int8::oid AND a.attname = ? AND a.attnum > 0 AND NOT a.attisdropped
              AND a.atttypid IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype, 'text'::regtype,
                'varchar'::regtype, 'int4'::regtype, 'int8'::regtype)
            """;

    @Override
    public Class<Assess> task() {
        return Assess.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    private record Sized(RelationName name, long bytes, long indexBytes, long rows, long dead) {}

    @Override
    public Done perform(Order<Assess> order, PostgresDatabase database, Attempt attempt) throws SQLException {
        Assess task = order.task();
        try (PostgresSession session =
                PostgresSession.readOnly(database, order.command(), attempt, STATEMENT_TIMEOUT)) {
            Long[] ids = PostgresTable.ids(PostgresTable.find(session, task.tables()));
            List<Column> columns = new ArrayList<>();
            for (TimeColumn column : task.ages()) {
                Optional<Column> found = column(session, column);
                if (found.isEmpty()) {
                    return Done.rejected(
                            new Reason(
                                    Code.NO_SUCH_COLUMN,
                                    "ages: " + column.table() + "." + column.column()
                                            + " (must be an existing column of type timestamp with or without time zone, date, text, integer or bigint)"));
                }
                columns.add(found.get());
            }
            long bytes = session.first("SELECT pg_database_size(current_database())", row -> row.getLong(1))
                    .orElseThrow();
            List<Sized> all = session.rows(SIZES, PostgresAssess::sized, ids, ids);
            session.takeTime();
            return new Round(session, attempt, task).done(bytes, all, columns);
        }
    }

    /** @param isWritten whether it keeps times as text or numbers */
    private record Column(TimeColumn asked, RelationName table, String name, boolean isWritten) {}

    private static final Set<String> WRITTEN = Set.of("text", "character varying", "integer", "bigint");

    private static Optional<Column> column(PostgresSession session, TimeColumn asked) throws SQLException {
        PostgresTable table =
                PostgresTable.find(session, List.of(asked.table())).get(0);
        return session.first(
                COLUMN,
                row -> new Column(
                        asked, table.name(), row.getString("attname"), WRITTEN.contains(plain(row.getString("type")))),
                table.oid(),
                asked.column().column());
    }

    /** A type without its length. */
    private static String plain(String type) {
        return type.replaceFirst("\\(\\d+\\)", "");
    }

    private static Sized sized(ResultSet row) throws SQLException {
        return new Sized(
                new RelationName(row.getString("nspname"), row.getString("relname")),
                row.getLong("bytes"),
                row.getLong("index_bytes"),
                row.getLong("rows"),
                row.getLong("dead"));
    }

    /** One assessment after its sizes are known: counts, ages, and what all of it says. */
    private static final class Round {
        private final PostgresSession session;
        private final Attempt attempt;
        private final Assess task;
        private final List<Assess.Table> tables = new ArrayList<>();
        private final List<Assess.Age> ages = new ArrayList<>();
        private final List<Measurement> measurements = new ArrayList<>();

        Round(PostgresSession session, Attempt attempt, Assess task) {
            this.session = session;
            this.attempt = attempt;
            this.task = task;
        }

        Done done(long bytes, List<Sized> all, List<Column> columns) throws SQLException {
            measurements.add(Measurement.gauge("database_size", "bytes", bytes));
            List<Sized> listed = all.subList(0, Math.min(LISTED, all.size()));
            int looked = 0;
            Optional<Stop> stop = Optional.empty();
            try {
                for (Sized table : listed) {
                    stop = attempt.stop();
                    if (stop.isPresent()) {
                        break;
                    }
                    attempt.progress(
                            100.0 * looked++ / (listed.size() + columns.size()),
                            Optional.empty(),
                            "at " + table.name());
                    add(table);
                }
                for (Column column : columns) {
                    stop = attempt.stop();
                    if (stop.isPresent()) {
                        break;
                    }
                    add(column, all);
                }
            } catch (SQLException e) {
                stop = attempt.stop();
                if (stop.isEmpty() || !PostgresSession.isBrokenOff(e)) {
                    throw e;
                }
            }
            Assess.Report report = new Assess.Report(bytes, tables, ages, all.size() > LISTED);
            return stop.isPresent()
                    ? Done.partial(
                            report,
                            Stopped.reason(stop.get(), "after " + tables.size() + " of " + listed.size() + " tables"),
                            List.of(),
                            measurements)
                    : Done.succeeded(report, List.of(), measurements);
        }

        private void add(Sized table) throws SQLException {
            long rows = task.exact() ? count(table) : table.rows();
            TableName name = table.name().table();
            if (tables.size() < MEASURED || !task.tables().isEmpty()) {
                Map<String, String> labels = Map.of("table", table.name().text());
                measurements.add(Measurement.gauge("table_size", "bytes", table.bytes(), labels));
                measurements.add(Measurement.gauge("table_indexes_size", "bytes", table.indexBytes(), labels));
                measurements.add(Measurement.gauge("table_rows", "rows", rows, labels));
                measurements.add(Measurement.gauge("table_dead", "rows", table.dead(), labels));
            }
            tables.add(new Assess.Table(name, table.bytes(), table.indexBytes(), rows, task.exact()));
        }

        private long count(Sized table) throws SQLException {
            long rows = session.first("SELECT count(*) FROM " + table.name().sql(), row -> row.getLong(1))
                    .orElseThrow();
            session.release();
            return rows;
        }

        private void add(Column column, List<Sized> all) throws SQLException {
            String name = RelationName.quoted(column.name());
            String sql = column.isWritten()
                    ? "SELECT (SELECT min(" + name + ")::text FROM %1$s), (SELECT max(" + name + ")::text FROM %1$s)"
                    : "SELECT (SELECT min(" + name + ")::timestamptz FROM %1$s WHERE isfinite(" + name
                            + ")), (SELECT max(" + name + ")::timestamptz FROM %1$s WHERE isfinite(" + name + "))";
            List<Optional<Instant>> times = session.first(
                            sql.formatted(column.table().sql()),
                            row -> List.of(time(row, 1, column.isWritten()), time(row, 2, column.isWritten())))
                    .orElseThrow();
            session.release();
            Optional<Instant> oldest = times.get(0);
            Optional<Instant> newest = times.get(1);
            double perDay = oldest.isEmpty() || newest.isEmpty()
                    ? 0
                    : rows(column, all)
                            / Math.max(
                                    1,
                                    Duration.between(oldest.get(), newest.get()).toSeconds() / SECONDS_PER_DAY);
            ages.add(new Assess.Age(column.asked(), oldest, newest, perDay));
            Map<String, String> labels = Map.of("table", column.table().text(), "column", column.name());
            oldest.ifPresent(time -> measurements.add(Measurement.gauge(
                    "oldest_record_age",
                    "seconds",
                    Duration.between(time, Instant.now()).toSeconds(),
                    labels)));
            measurements.add(Measurement.gauge("table_growth", "rows_per_day", perDay, labels));
        }

        private double rows(Column column, List<Sized> all) throws SQLException {
            Optional<TableName> asked = Optional.of(column.table().table());
            Optional<Long> counted = tables.stream()
                    .filter(table -> table.table().equals(asked.get()))
                    .map(Assess.Table::rows)
                    .findFirst();
            return counted.or(() -> all.stream()
                            .filter(table -> table.name().equals(column.table()))
                            .map(Sized::rows)
                            .findFirst())
                    .orElse(0L);
        }

        private static Optional<Instant> time(ResultSet row, int column, boolean isWritten) throws SQLException {
            return isWritten
                    ? Optional.ofNullable(row.getString(column)).flatMap(WrittenTime::of)
                    : Optional.ofNullable(row.getTimestamp(column)).map(Timestamp::toInstant);
        }
    }
}
