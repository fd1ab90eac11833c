package dev.upkeep.executor.operation.files;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.result.Code;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.PostgresTable;
import dev.upkeep.executor.operation.postgres.RelationName;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** References in a PostgreSQL database, read in portions, with no snapshot kept in between. */
final class PostgresReferences implements References {
    private static final Duration LONGEST = Duration.ofMinutes(30);

    private final PostgresSession session;
    private final String sql;

    private PostgresReferences(PostgresSession session, String sql) {
        this.session = session;
        this.sql = sql;
    }

    static References open(PayloadStore store, PostgresDatabase database, CommandId command, Attempt attempt)
            throws SQLException {
        PostgresSession session = PostgresSession.readOnly(database, command, attempt, LONGEST);
        try {
            PostgresTable table =
                    PostgresTable.find(session, List.of(store.table())).get(0);
            String column = session.first(
                            "SELECT attname FROM pg_attribute WHERE attrelid = ?::int8::oid AND attname = ?"
                                    + " AND attnum > 0 AND NOT attisdropped",
                            row -> row.getString(1),
                            table.oid(),
                            store.column().column())
                    .orElseThrow(() -> new Failure(
                            Code.NO_SUCH_COLUMN,
                            store.column() + " of the payload store is no column of " + store.table()));
            session.release();
            String name = RelationName.quoted(column);
            return new PostgresReferences(
                    session,
                    "SELECT " + name + "::text FROM " + table.name().sql() + " WHERE " + name + " IS NOT NULL");
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    @Override
    public void each(Consumer<String> value) throws SQLException {
        session.each(sql, row -> value.accept(row.getString(1)));
        session.release();
    }

    @Override
    public void close() throws SQLException {
        session.close();
    }
}
