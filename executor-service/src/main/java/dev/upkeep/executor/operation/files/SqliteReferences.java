package dev.upkeep.executor.operation.files;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.sqlite.SqliteSession;
import dev.upkeep.executor.operation.sqlite.SqliteTable;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Consumer;

/** References in a SQLite file, read without keeping a read transaction open in between. */
final class SqliteReferences implements References {
    private final SqliteSession session;
    private final String sql;

    private SqliteReferences(SqliteSession session, String sql) {
        this.session = session;
        this.sql = sql;
    }

    static References open(PayloadStore store, SqliteDatabase database, Attempt attempt) throws SQLException {
        SqliteSession session = SqliteSession.reading(database, attempt);
        try {
            Optional<SqliteTable> table = SqliteTable.find(SqliteTable.all(session), store.table());
            if (table.isEmpty()) {
                throw new Failure(
                        Code.NO_SUCH_TABLE, store.table() + " of the payload store is no table of " + database);
            }
            String column = table.get()
                    .column(session, store.column().column())
                    .orElseThrow(() -> new Failure(
                            Code.NO_SUCH_COLUMN,
                            store.column() + " of the payload store is no column of " + store.table()));
            String name = SqliteTable.quoted(column);
            return new SqliteReferences(
                    session, "SELECT " + name + " FROM " + table.get().sql() + " WHERE " + name + " IS NOT NULL");
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    @Override
    public void each(Consumer<String> value) throws SQLException {
        session.each(sql, row -> value.accept(row.getString(1)));
    }

    @Override
    public void close() throws SQLException {
        session.close();
    }
}
