package dev.upkeep.executor.operation.health;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Severity;
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

    void retention(List<HealthCheck.Retention> retentions) throws SQLException {
        for (HealthCheck.Retention retention : retentions) {
            examination.looked(SqliteChecks.OLDEST_RECORD);
            Optional<SqliteTable> table = table(retention.table(), SqliteChecks.OLDEST_RECORD);
            Optional<String> column = column(table, retention.column(), SqliteChecks.OLDEST_RECORD);
            if (table.isPresent() && column.isPresent()) {
                retention(retention, table.get(), column.get());
            }
        }
    }

    private void retention(HealthCheck.Retention retention, SqliteTable table, String column) throws SQLException {
        String name = SqliteTable.quoted(column);
        Optional<Double> oldest = session.first(
                "SELECT " + SqliteTime.secondsSql(name, retention.format()) + " FROM " + table.sql() + " WHERE " + name
                        + " IS NOT NULL AND " + name + " <> '' ORDER BY " + name + " LIMIT 1",
                row -> row.getDouble(1));
        oldest.ifPresent(seconds -> {
            double age = asOf.toEpochMilli() / 1000.0 - seconds;
            examination.measure(Measurement.gauge(
                    "oldest_record_age",
                    "seconds",
                    age,
                    Map.of("table", retention.table().text())));
            examination.judge(
                    SqliteChecks.OLDEST_RECORD,
                    retention.table().text(),
                    age - retention.keep().toSeconds(),
                    () -> "see why no purge of " + retention.table() + " has succeeded; it is meant to keep "
                            + retention.keep().toDays() + " days");
        });
    }

    void leases(List<HealthCheck.Leases> queues) throws SQLException {
        for (HealthCheck.Leases queue : queues) {
            examination.looked(SqliteChecks.STALE_LEASES);
            Optional<SqliteTable> table = table(queue.table(), SqliteChecks.STALE_LEASES);
            Optional<String> state = column(table, queue.state(), SqliteChecks.STALE_LEASES);
            Optional<String> expires = column(table, queue.expires(), SqliteChecks.STALE_LEASES);
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

    private Optional<SqliteTable> table(TableName name, CheckRule rule) throws SQLException {
        Optional<SqliteTable> table = SqliteTable.find(SqliteTable.all(session), name);
        if (table.isEmpty()) {
            missing(rule, name.text());
        }
        return table;
    }

    private Optional<String> column(Optional<SqliteTable> table, ColumnName name, CheckRule rule) throws SQLException {
        if (table.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> column = table.get().column(session, name.column());
        if (column.isEmpty()) {
            missing(rule, table.get().name() + "." + name);
        }
        return column;
    }

    private void missing(CheckRule rule, String what) {
        examination.report(
                rule,
                Severity.WARNING,
                what,
                "is not there",
                "a table and its columns",
                "mend the policy's names, or the schema");
    }
}
