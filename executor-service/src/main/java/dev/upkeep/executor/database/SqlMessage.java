package dev.upkeep.executor.database;

import dev.upkeep.common.InvalidValue;
import java.sql.SQLException;
import org.postgresql.util.PSQLException;

/** What a driver's error says, fit for results: PostgreSQL's detail is left out, since it may hold row data. */
public final class SqlMessage {
    private SqlMessage() {}

    /** The engine's own sentence, with SQLSTATE where there is one. */
    public static String of(SQLException error) {
        String text = String.valueOf(error.getMessage());
        if (error instanceof PSQLException postgres && postgres.getServerErrorMessage() != null) {
            text = String.valueOf(postgres.getServerErrorMessage().getMessage());
        }
        String state = error.getSQLState();
        return InvalidValue.shown(text) + (state == null || state.isBlank() ? "" : " (SQLSTATE " + state + ")");
    }
}
