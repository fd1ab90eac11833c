package dev.upkeep.executor.operation.purge;

import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.CrashPoint;
import java.io.IOException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Writes all rows of a partition into an archive, in frames small enough to be brought back one by one. */
final class PostgresPartitionRows {
    private static final int FETCH = 1_000;
    private static final int FRAME_ROWS = 10_000;
    private static final long FRAME_CHARACTERS = 4 << 20;
    /** Which version of a row is where: changes with every update, and comes only once. */
    private static final String VERSION = "hashtextextended(ctid::text || xmin::text, 0)";

    private final Connection connection;
    private final Table parent;
    private final String sql;

    /** Of a partition, by its name; it may be written to meanwhile, which {@link #look} tells. */
    PostgresPartitionRows(Connection connection, Table parent, String sql) {
        this.connection = connection;
        this.parent = parent;
        this.sql = sql;
    }

    /** What a snapshot sees of the partition: how many rows, and a sum over which versions of them. */
    record Seen(long rows, long versions) {}

    /** Writes what the statement's snapshot sees; empty if there was a reason to stop. */
    Optional<Seen> write(Archive archive, Attempt attempt) throws SQLException, IOException {
        List<String> names = parent.columns().stream().map(Table.Column::name).toList();
        String columns = names.stream()
                .map(name -> PostgresArray.identifier(name) + "::text")
                .collect(Collectors.joining(", "));
        long written = 0;
        long versions = 0;
        long inFrame = 0;
        long characters = 0;
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH);
            try (ResultSet rows = statement.executeQuery("SELECT " + columns + ", " + VERSION + " FROM " + sql)) {
                while (rows.next()) {
                    String json = PostgresDoomed.json(names, rows);
                    archive.row(parent.name(), json);
                    versions += rows.getLong(names.size() + 1);
                    written++;
                    characters += json.length();
                    if (++inFrame == FRAME_ROWS || characters > FRAME_CHARACTERS) {
                        archive.seal();
                        CrashPoint.hit("partition-frame");
                        attempt.progress(0, Optional.empty(), "partition " + sql + ": " + written + " rows archived");
                        if (attempt.stop().isPresent()) {
                            return Optional.empty();
                        }
                        inFrame = 0;
                        characters = 0;
                    }
                }
            }
        }
        archive.seal();
        return Optional.of(new Seen(written, versions));
    }

    /** What is there now. */
    Seen look() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT count(*), coalesce(sum(" + VERSION + "), 0) FROM " + sql)) {
            row.next();
            // the server's sum is exact; its last 64 bits are what a sum of longs gives
            BigDecimal sum = row.getBigDecimal(2);
            return new Seen(row.getLong(1), sum.toBigInteger().longValue());
        }
    }
}
