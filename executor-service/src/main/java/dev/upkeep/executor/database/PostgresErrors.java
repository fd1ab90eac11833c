package dev.upkeep.executor.database;

import dev.upkeep.common.result.Code;
import java.sql.SQLException;

/** The one place that turns PostgreSQL's SQLSTATE into codes. Source: PostgreSQL documentation, appendix A. */
final class PostgresErrors {
    private PostgresErrors() {}

    static Code codeOf(SQLException error) {
        String state = error.getSQLState() == null ? "" : error.getSQLState();
        return switch (state) {
            case "55P03" -> Code.LOCK_TIMEOUT;
            case "40P01" -> Code.DEADLOCK;
            case "40001" -> Code.SERIALIZATION_FAILURE;
            case "57014" -> Code.STATEMENT_TIMEOUT;
            case "57P01", "57P02", "57P03", "57P05" -> Code.DATABASE_DOWN;
            case "08001", "08004" -> Code.DATABASE_DOWN;
            case "53100" -> Code.DISK_FULL;
            case "53200" -> Code.OUT_OF_MEMORY;
            case "53300" -> Code.TOO_MANY_CONNECTIONS;
            case "42501" -> Code.PERMISSION_DENIED;
            case "42P01", "3F000" -> Code.NO_SUCH_TABLE;
            case "42703" -> Code.NO_SUCH_COLUMN;
            case "3D000" -> Code.NO_SUCH_DATABASE;
            case "25006" -> Code.READ_ONLY;
            case "XX001", "XX002" -> Code.CORRUPT;
            case "55006" -> Code.BUSY;
            case PostgresDatabase.WRONG_SERVER -> Code.WRONG_DATABASE;
            default -> byClass(state);
        };
    }

    private static Code byClass(String state) {
        return switch (state.length() < 2 ? "" : state.substring(0, 2)) {
            case "08" -> Code.CONNECTION_LOST;
            case "23" -> Code.CONSTRAINT;
            case "28" -> Code.AUTHENTICATION_FAILED;
            case "53" -> Code.OUT_OF_MEMORY;
            case "57" -> Code.DATABASE_DOWN;
            case "58" -> Code.STORE_UNAVAILABLE;
            case "0A" -> Code.UNSUPPORTED;
            default -> Code.INTERNAL;
        };
    }
}
