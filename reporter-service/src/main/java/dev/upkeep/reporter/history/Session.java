package dev.upkeep.reporter.history;

import dev.upkeep.common.wire.EnumText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One connection in use. Arguments are bound by their Java type: instants and durations as milliseconds, enums in their wire
 * form, booleans as 0 and 1, an empty {@code Optional} as null. Not thread-safe.
 */
public final class Session {
    private final Connection connection;
    private final Dialect dialect;

    Session(Connection connection, Dialect dialect) {
        this.connection = connection;
        this.dialect = dialect;
    }

    /** Which engine this is, for the few statements that differ. */
    public Dialect dialect() {
        return dialect;
    }

    /** Waits until no other transaction has this lock, and keeps it to the end of this one. */
    public void lock(long key) {
        if (dialect == Dialect.POSTGRESQL) { // SQLite has one writer anyway
            list("SELECT 1 FROM (SELECT pg_advisory_xact_lock(?)) taken", row -> row.number(1), key);
        }
    }

    /** All rows of a query. */
    public <T> List<T> list(String sql, Function<Row, T> mapper, Object... arguments) {
        try (Query<T> query = query(sql, mapper)) {
            return query.list(arguments);
        }
    }

    /** The first row of a query. */
    public <T> Optional<T> first(String sql, Function<Row, T> mapper, Object... arguments) {
        return list(sql, mapper, arguments).stream().findFirst();
    }

    /** A number, such as a count. */
    public long number(String sql, Object... arguments) {
        return first(sql, row -> row.number(1), arguments).orElse(0L);
    }

    /** Runs one statement; returns the number of rows it touched. */
    public int update(String sql, Object... arguments) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, arguments);
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw HistoryFailure.of("run " + head(sql), e);
        }
    }

    /** A query to be asked several times; to be closed. */
    public <T> Query<T> query(String sql, Function<Row, T> mapper) {
        try {
            return new Query<>(connection.prepareStatement(sql), sql, mapper);
        } catch (SQLException e) {
            throw HistoryFailure.of("prepare " + head(sql), e);
        }
    }

    /** A statement to be run for many rows at once; to be closed. */
    public Bulk bulk(String sql) {
        try {
            return new Bulk(connection.prepareStatement(sql), sql);
        } catch (SQLException e) {
            throw HistoryFailure.of("prepare " + head(sql), e);
        }
    }

    /** A prepared query. */
    public static final class Query<T> implements AutoCloseable {
        private final PreparedStatement statement;
        private final String sql;
        private final Function<Row, T> mapper;

        Query(PreparedStatement statement, String sql, Function<Row, T> mapper) {
            this.statement = statement;
            this.sql = sql;
            this.mapper = mapper;
        }

        /** All rows. */
        public List<T> list(Object... arguments) {
            try {
                bind(statement, arguments);
                try (ResultSet rows = statement.executeQuery()) {
                    List<T> found = new ArrayList<>();
                    Row row = new Row(rows);
                    while (rows.next()) {
                        found.add(mapper.apply(row));
                    }
                    return found;
                }
            } catch (SQLException e) {
                throw HistoryFailure.of("ask " + head(sql), e);
            }
        }

        /** The first row. */
        public Optional<T> first(Object... arguments) {
            return list(arguments).stream().findFirst();
        }

        @Override
        public void close() {
            Session.close(statement);
        }
    }

    /** A prepared statement that gathers rows. */
    public static final class Bulk implements AutoCloseable {
        private final PreparedStatement statement;
        private final String sql;
        private int gathered;

        Bulk(PreparedStatement statement, String sql) {
            this.statement = statement;
            this.sql = sql;
        }

        /** Adds one row. */
        public void add(Object... arguments) {
            try {
                bind(statement, arguments);
                statement.addBatch();
                gathered++;
            } catch (SQLException e) {
                throw HistoryFailure.of("gather " + head(sql), e);
            }
        }

        /** Runs it for all rows that were added; says for each how many rows it touched. */
        public int[] run() {
            if (gathered == 0) {
                return new int[0];
            }
            try {
                gathered = 0;
                return statement.executeBatch();
            } catch (SQLException e) {
                SQLException next = e.getNextException();
                throw HistoryFailure.of("run " + head(sql), next == null ? e : next);
            }
        }

        @Override
        public void close() {
            Session.close(statement);
        }
    }

    private static void close(PreparedStatement statement) {
        try {
            statement.close();
        } catch (SQLException e) {
            throw HistoryFailure.of("close a statement", e);
        }
    }

    private static void bind(PreparedStatement statement, Object... arguments) throws SQLException {
        for (int i = 0; i < arguments.length; i++) {
            bind(statement, i + 1, arguments[i]);
        }
    }

    private static void bind(PreparedStatement statement, int at, @Nullable Object argument) throws SQLException {
        if (argument == null) {
            statement.setNull(at, Types.NULL);
        } else if (argument instanceof Optional<?> optional) {
            bind(statement, at, optional.orElse(null));
        } else if (argument instanceof String text) {
            // PostgreSQL's text cannot hold NUL
            statement.setString(at, text.indexOf('\0') < 0 ? text : text.replace('\0', '?'));
        } else if (argument instanceof Long number) {
            statement.setLong(at, number);
        } else if (argument instanceof Integer number) {
            statement.setInt(at, number);
        } else if (argument instanceof Double number) {
            statement.setDouble(at, number);
        } else if (argument instanceof Boolean flag) {
            statement.setInt(at, flag ? 1 : 0);
        } else if (argument instanceof Instant instant) {
            statement.setLong(at, instant.toEpochMilli());
        } else if (argument instanceof Duration duration) {
            statement.setLong(at, duration.toMillis());
        } else if (argument instanceof byte[] bytes) {
            statement.setBytes(at, bytes);
        } else if (argument instanceof Enum<?> constant) {
            statement.setString(at, EnumText.of(constant));
        } else {
            throw new IllegalStateException("no binding for " + argument.getClass());
        }
    }

    private static String head(String sql) {
        String line = sql.strip().replaceAll("\\s+", " ");
        return line.length() > 80 ? line.substring(0, 80) + "…" : line;
    }
}
