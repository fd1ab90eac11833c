package dev.upkeep.executor.operation.sqlite;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Makes a value of the row on which the result stands.
 *
 * @param <T> the value
 */
@FunctionalInterface
public interface Row<T> {
    T of(ResultSet row) throws SQLException;
}
