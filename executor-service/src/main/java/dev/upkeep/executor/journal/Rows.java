package dev.upkeep.executor.journal;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The small change between the journal's tables and its records. */
final class Rows {
    private Rows() {}

    static int update(Connection connection, String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            return statement.executeUpdate();
        }
    }

    static void bind(PreparedStatement statement, @Nullable Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            statement.setObject(i + 1, value instanceof Instant instant ? (Object) instant.toEpochMilli() : value);
        }
    }

    /** Where an entry's steps come from. */
    @FunctionalInterface
    interface StepsOf {
        List<Entry.Step> of(Connection connection, CommandId command) throws SQLException;
    }

    static Entry entry(ResultSet row, List<Entry.Step> steps) throws SQLException {
        CommandId id = new CommandId(row.getString("id"));
        return new Entry(
                row.getLong("seq"),
                id,
                row.getBytes("body"),
                row.getString("state").equals("ended"),
                row.getInt("attempts"),
                Instant.ofEpochMilli(row.getLong("received_at")),
                instant(row, "started_at"),
                Optional.ofNullable(row.getString("cancelled")),
                Optional.ofNullable(row.getString("traceparent")),
                steps);
    }

    static List<Entry.Step> steps(Connection connection, CommandId id) throws SQLException {
        List<Entry.Step> steps = new ArrayList<>();
        try (PreparedStatement query =
                connection.prepareStatement("SELECT * FROM step WHERE command = ? ORDER BY position")) {
            query.setString(1, id.text());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    steps.add(new Entry.Step(
                            row.getInt("position"),
                            Entry.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                            row.getInt("attempts"),
                            row.getInt("crashes"),
                            row.getInt("failures"),
                            Instant.ofEpochMilli(row.getLong("started_at")),
                            result(row),
                            Optional.ofNullable(row.getString("cursor"))));
                }
            }
        }
        return steps;
    }

    /** @throws IllegalStateException if it cannot be read any more, which no further try will mend */
    private static Optional<TaskResult> result(ResultSet row) throws SQLException {
        byte[] bytes = row.getBytes("result");
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Wire.read(bytes, TaskResult.class));
        } catch (Unreadable e) {
            throw new IllegalStateException("a step's result cannot be read: " + e.getMessage(), e);
        }
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }
}
