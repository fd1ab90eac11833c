package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.PostgresChecks.*;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.PostgresTable;
import dev.upkeep.executor.operation.postgres.RelationName;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tables that are meant to keep their rows only so long: how old their oldest row is. Without an index that leads with the column
 * it would read the whole table, and so does it in the full profile only.
 */
final class PostgresRetentionExam implements PostgresExam {
    private static final String COLUMN = """
            SELECT format_type(a.atttypid, NULL) AS type,
              EXISTS (SELECT FROM pg_index x WHERE x.indrelid = a.attrelid AND x.indisvalid AND x.indpred IS NULL
                AND x.indkey[0] = a.attnum) AS indexed
            FROM pg_attribute a WHERE a.attrelid = ?::int8::oid AND a.attname = ? AND a.attnum > 0 AND NOT a.attisdropped
            """;

    private final HealthCheck task;

    PostgresRetentionExam(HealthCheck task) {
        this.task = task;
    }

    @Override
    public String subject() {
        return "retention";
    }

    private record Column(String type, boolean indexed) {}

    @Override
    public void look(PostgresSession session, PostgresServer server, Examination examination) throws SQLException {
        boolean isFull = task.profile().orElse(HealthCheck.Profile.QUICK) == HealthCheck.Profile.FULL;
        for (HealthCheck.Retention retention : task.retention()) {
            examination.looked(RETENTION);
            PostgresTable table =
                    PostgresTable.find(session, List.of(retention.table())).get(0);
            Optional<Column> column = session.first(
                    COLUMN,
                    row -> new Column(row.getString("type"), row.getBoolean("indexed")),
                    table.oid(),
                    retention.column().column());
            String text = table.name().text();
            if (column.isEmpty()) {
                examination.inform(
                        NOT_LOOKED, text, "no column " + retention.column(), "Mend the retention in the policy.");
            } else if (column.get().indexed() || isFull) {
                judge(session, retention, table.name(), column.get(), examination);
            } else {
                examination.inform(
                        NOT_LOOKED,
                        text,
                        "no index on " + retention.column(),
                        "Give table " + text + " an index that leads with column " + retention.column()
                                + " (task ensure-indexes), or use the full profile, which reads the table.");
            }
        }
        session.release();
    }

    private static void judge(
            PostgresSession session,
            HealthCheck.Retention retention,
            RelationName table,
            Column column,
            Examination examination)
            throws SQLException {
        String name = RelationName.quoted(retention.column().column());
        boolean isTime = column.type().startsWith("timestamp") || column.type().equals("date");
        String oldest = "(SELECT min(" + name + ") FROM " + table.sql()
                + (isTime ? " WHERE " + name + " > '-infinity'" : "") + ")";
        String time = retention
                .format()
                .map(format -> switch (format) {
                    case EPOCH_SECONDS -> "to_timestamp(" + oldest + ")";
                    case EPOCH_MILLIS -> "to_timestamp(" + oldest + " / 1000.0)";
                    case ISO_TEXT -> oldest + "::timestamptz";
                })
                .orElse(oldest + "::timestamptz");
        Optional<Double> age =
                session.first("SELECT extract(epoch FROM clock_timestamp() - " + time + ")::float8", row -> {
                    double seconds = row.getDouble(1);
                    return row.wasNull() ? -1.0 : seconds;
                });
        double seconds = age.orElse(-1.0);
        if (seconds < 0 || !Double.isFinite(seconds)) {
            return;
        }
        double keep = retention.keep().toMillis() / 1000.0;
        Map<String, String> labels =
                Map.of("table", table.text(), "column", retention.column().column());
        examination.measure(Measurement.gauge("oldest_record_age", "seconds", seconds, labels));
        examination.judge(
                RETENTION,
                table.text(),
                seconds / keep,
                () -> "The oldest row of table " + table + " is " + Unit.SECONDS.say(seconds)
                        + " old, meant are at most " + Unit.SECONDS.say(keep)
                        + ": run task purge or maintain-partitions on it, and see why it was not run.");
    }
}
