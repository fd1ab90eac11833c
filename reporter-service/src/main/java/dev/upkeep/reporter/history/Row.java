package dev.upkeep.reporter.history;

import dev.upkeep.common.wire.EnumText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/** The row that a query stands at, by column position from 1. Valid only while it is being mapped. */
public final class Row {
    private final ResultSet rows;

    Row(ResultSet rows) {
        this.rows = rows;
    }

    public String text(int column) {
        return optionalText(column)
                .orElseThrow(() -> new IllegalStateException("column " + column + " of a row is null"));
    }

    public Optional<String> optionalText(int column) {
        return get(() -> Optional.ofNullable(rows.getString(column)));
    }

    /** A document that was stored packed, see {@link Packed}. */
    public byte[] bytes(int column) {
        return get(() -> Optional.ofNullable(rows.getBytes(column)))
                .orElseThrow(() -> new IllegalStateException("column " + column + " of a row is null"));
    }

    public long number(int column) {
        return get(() -> rows.getLong(column));
    }

    public Optional<Long> optionalNumber(int column) {
        return get(() -> {
            long value = rows.getLong(column);
            return rows.wasNull() ? Optional.empty() : Optional.of(value);
        });
    }

    public double figure(int column) {
        return get(() -> rows.getDouble(column));
    }

    public boolean flag(int column) {
        return number(column) != 0;
    }

    public Instant time(int column) {
        return Instant.ofEpochMilli(number(column));
    }

    public Optional<Instant> optionalTime(int column) {
        return optionalNumber(column).map(Instant::ofEpochMilli);
    }

    public Optional<Duration> optionalDuration(int column) {
        return optionalNumber(column).map(Duration::ofMillis);
    }

    /** The constant whose wire form the column holds. */
    public <E extends Enum<E>> E constant(int column, Class<E> type) {
        return constant(text(column), type);
    }

    private static <E extends Enum<E>> E constant(String text, Class<E> type) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> EnumText.of(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(text + " is no " + type.getSimpleName()));
    }

    private interface Read<T> {
        T from() throws SQLException;
    }

    private static <T> T get(Read<T> read) {
        try {
            return read.from();
        } catch (SQLException e) {
            throw HistoryFailure.of("read a row", e);
        }
    }
}
