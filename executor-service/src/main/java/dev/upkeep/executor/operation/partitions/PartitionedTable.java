package dev.upkeep.executor.operation.partitions;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.PostgresTable;
import dev.upkeep.executor.operation.postgres.RelationName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A table that is partitioned by ranges of one time column, as the catalogue has it.
 *
 * @param type of the column: {@code date}, {@code timestamp without time zone} or {@code timestamp with time zone}
 * @param owner the role that partitions are to belong to
 */
record PartitionedTable(
        long oid, RelationName name, String column, String type, String owner, List<Partition> partitions) {
    private static final String TABLE = """
            SELECT a.attname, format_type(a.atttypid, NULL) AS type, q.partstrat = 'r' AND q.partnatts = 1 AS simple,
              pg_get_userbyid(c.relowner) AS owner
            FROM pg_partitioned_table q JOIN pg_class c ON c.oid = q.partrelid
              LEFT JOIN pg_attribute a ON a.attrelid = q.partrelid AND a.attnum = q.partattrs[0]
            WHERE q.partrelid = ?::int8::oid
            """;
    private static final String PARTITIONS = """
            SELECT c.oid::int8 AS oid, n.nspname, c.relname, b.bound = 'DEFAULT' AS is_default, %s AS pending,
              b.bound LIKE '%%MINVALUE%%' OR b.bound LIKE '%%MAXVALUE%%' AS endless, r[1]::timestamptz AS lower, r[2]::timestamptz AS upper
            FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace,
              LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid) AS bound) b,
              LATERAL (SELECT regexp_match(b.bound, '^FOR VALUES FROM \\(''([0-9][^'']*)''\\) TO \\(''([0-9][^'']*)''\\)$') AS r) m
            WHERE h.inhparent = ?::int8::oid
            ORDER BY upper NULLS FIRST
            """;

    /**
     * One partition.
     *
     * @param period empty for the default partition and for one without a lower or upper end
     * @param endless whether it has no lower or no upper end
     * @param pending whether an earlier detach was broken off
     */
    record Partition(
            long oid,
            RelationName name,
            Optional<Period> period,
            boolean isDefault,
            boolean endless,
            boolean pending) {}

    static PartitionedTable read(PostgresSession session, TableName asked) throws SQLException {
        PostgresTable table = PostgresTable.find(session, List.of(asked)).get(0);
        Optional<PartitionedTable> found = session.first(
                TABLE,
                row -> new PartitionedTable(
                        table.oid(),
                        table.name(),
                        row.getBoolean("simple") ? String.valueOf(row.getString("attname")) : "",
                        String.valueOf(row.getString("type")),
                        row.getString("owner"),
                        List.of()),
                table.oid());
        PartitionedTable plain = found.filter(one -> !one.column().isEmpty() && isTime(one.type()))
                .orElseThrow(() -> new Failure(
                        Code.INVALID,
                        "table: " + asked
                                + " (must be partitioned by ranges of one column of type date or timestamp)"));
        return plain.again(session);
    }

    private static boolean isTime(String type) {
        return type.equals("date") || type.startsWith("timestamp");
    }

    /** The same table with the partitions that it has now. */
    PartitionedTable again(PostgresSession session) throws SQLException {
        String pending = session.version() >= 140_000 ? "h.inhdetachpending" : "false";
        List<Partition> now = session.rows(PARTITIONS.formatted(pending), PartitionedTable::partition, oid);
        return new PartitionedTable(oid, name, column, type, owner, now);
    }

    private static Partition partition(ResultSet row) throws SQLException {
        Timestamp lower = row.getTimestamp("lower");
        Timestamp upper = row.getTimestamp("upper");
        return new Partition(
                row.getLong("oid"),
                new RelationName(row.getString("nspname"), row.getString("relname")),
                lower == null || upper == null
                        ? Optional.empty()
                        : Optional.of(new Period(lower.toInstant(), upper.toInstant())),
                row.getBoolean("is_default"),
                row.getBoolean("endless"),
                row.getBoolean("pending"));
    }

    Optional<Partition> defaultPartition() {
        return partitions.stream().filter(Partition::isDefault).findFirst();
    }

    /** Whether some partition holds any part of the period. */
    boolean covers(Period period) {
        return partitions.stream()
                .anyMatch(partition -> partition.period().map(period::overlaps).orElse(false));
    }

    /** A boundary as the column's type writes it. */
    String literal(Instant time) {
        String pattern = type.equals("date") ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss";
        String zone = type.endsWith("with time zone") ? "+00" : "";
        return "'" + DateTimeFormatter.ofPattern(pattern, Locale.ROOT).format(time.atOffset(ZoneOffset.UTC)) + zone
                + "'";
    }

    /** When the last partition ends; empty if there is none or it is endless. */
    Optional<Instant> end() {
        return partitions.stream()
                .flatMap(partition -> partition.period().stream())
                .map(Period::end)
                .max(Instant::compareTo);
    }
}
