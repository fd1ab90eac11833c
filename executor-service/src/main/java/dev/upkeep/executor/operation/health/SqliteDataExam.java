package dev.upkeep.executor.operation.health;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.executor.operation.sqlite.SqliteSession;
import dev.upkeep.executor.operation.sqlite.SqliteTable;
import dev.upkeep.executor.operation.sqlite.SqliteTime;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at rows where a policy says what they mean: how old they may become, and which column is a lease. Used by one thread. */
final class SqliteDataExam {
    private static final Duration GRACE = Duration.ofMinutes(5);

    private final SqliteSession session;
    private final Examination examination;
    private final Instant asOf;

    SqliteDataExam(SqliteSession session, Examination examination, Instant asOf) {
        this.session = session;
        this.examination = examination;
        this.asOf = asOf;
    }

    /** A column without an index is only read in full, when all pages are read anyway. */
    void retention(List<HealthCheck.Retention> retentions, boolean isFull) throws SQLException {
        for (HealthCheck.Retention retention : retentions) {
            examination.looked(SqliteChecks.RETENTION);
            Optional<SqliteTable> table = table(retention.table());
            Optional<String> column = column(table, retention.column());
            if (table.isEmpty() || column.isEmpty()) {
                continue;
            }
            if (isFull || isIndexed(table.get(), column.get())) {
                retention(retention, table.get(), column.get());
            } else {
                examination.inform(
                        SqliteChecks.NOT_LOOKED,
                        table.get().name(),
                        "no index on " + column.get(),
                        "give " + table.get().name() + " an index that leads with " + column.get()
                                + " (task ensure-indexes), or use the full profile, which reads the table");
            }
        }
    }

    private boolean isIndexed(SqliteTable table, String column) throws SQLException {
        return session.first(
                        "SELECT 1 FROM pragma_index_list(?) l, pragma_index_info(l.name) i"
                                + " WHERE l.partial = 0 AND i.seqno = 0 AND i.name = ?",
                        row -> 1,
                        table.name(),
                        column)
                .isPresent();
    }

    private void retention(HealthCheck.Retention retention, SqliteTable table, String column) throws SQLException {
        String name = SqliteTable.quoted(column);
        Optional<Double> oldest = session.first(
                        "SELECT " + SqliteTime.secondsSql(name, retention.format()) + " FROM " + table.sql() + " WHERE "
                                + name + " IS NOT NULL AND " + name + " <> '' ORDER BY " + name + " LIMIT 1",
                        row -> Optional.ofNullable((Number) row.getObject(1)).map(Number::doubleValue))
                .flatMap(seconds -> seconds);
        oldest.ifPresent(seconds -> {
            double age = asOf.toEpochMilli() / 1000.0 - seconds;
            double keep = retention.keep().toMillis() / 1000.0;
            Map<String, String> labels = Map.of("table", retention.table().text(), "column", column);
            examination.measure(Measurement.gauge("oldest_record_age", "seconds", age, labels));
            examination.judge(
                    SqliteChecks.RETENTION,
                    retention.table().text(),
                    age / keep,
                    () -> "its oldest row is " + Unit.SECONDS.say(age) + " old, meant are at most "
                            + Unit.SECONDS.say(keep) + ": run purge on " + retention.table()
                            + ", and see why it was not run");
        });
    }

    void leases(List<HealthCheck.Leases> queues) throws SQLException {
        for (HealthCheck.Leases queue : queues) {
            examination.looked(SqliteChecks.STALE_LEASES);
            Optional<SqliteTable> table = table(queue.table());
            Optional<String> state = column(table, queue.state());
            Optional<String> expires = column(table, queue.expires());
            if (table.isPresent() && state.isPresent() && expires.isPresent()) {
                leases(
                        queue,
                        table.get(),
                        state.get(),
                        SqliteTime.secondsSql(SqliteTable.quoted(expires.get()), queue.format()));
            }
        }
    }

    private void leases(HealthCheck.Leases queue, SqliteTable table, String state, String seconds) throws SQLException {
        double before = asOf.minus(queue.grace().orElse(GRACE)).toEpochMilli() / 1000.0;
        long stale = session.first(
                        "SELECT count(*) FROM " + table.sql() + " WHERE " + SqliteTable.quoted(state) + " = ? AND "
                                + seconds + " < ?",
                        row -> row.getLong(1),
                        queue.leased(),
                        before)
                .orElse(0L);
        Map<String, String> labels = Map.of("table", queue.table().text());
        examination.measure(Measurement.gauge("leases_expired", "rows", (double) stale, labels));
        examination.judge(
                SqliteChecks.STALE_LEASES,
                queue.table().text(),
                (double) stale,
                () -> "order release-leases for " + queue.table() + ", and see why its workers stop without finishing");
    }

    private Optional<SqliteTable> table(TableName name) throws SQLException {
        Optional<SqliteTable> table = SqliteTable.find(SqliteTable.all(session), name);
        if (table.isEmpty()) {
            missing(name.text());
        }
        return table;
    }

    private Optional<String> column(Optional<SqliteTable> table, ColumnName name) throws SQLException {
        if (table.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> column = table.get().column(session, name.column());
        if (column.isEmpty()) {
            missing(table.get().name() + "." + name);
        }
        return column;
    }

    private void missing(String what) {
        examination.inform(SqliteChecks.NOT_LOOKED, what, "is not there", "mend the policy's names, or the schema");
    }
}
