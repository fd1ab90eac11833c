package dev.upkeep.local.server;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * Where a PostgreSQL server listens, and its superuser.
 *
 * @param host a loopback address, or a container's host
 */
public record PostgresAddress(String host, int port, String user, String password) {
    private static final String DUPLICATE_DATABASE = "42P04";

    public String jdbcUrl(String database) {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }

    /** A connection as the superuser. */
    public Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", "10");
        // not by DriverManager: it does not see the driver from every class loader
        Connection connection = new Driver().connect(jdbcUrl(database), properties);
        if (connection == null) {
            throw new IllegalStateException("the driver does not know " + jdbcUrl(database));
        }
        return connection;
    }

    /** Makes a database of this name unless there is one. */
    public void createDatabase(String name) throws SQLException {
        try {
            execute("postgres", "CREATE DATABASE \"" + name.replace("\"", "\"\"") + "\"");
        } catch (SQLException e) {
            if (!DUPLICATE_DATABASE.equals(e.getSQLState())) {
                throw e;
            }
        }
    }

    /** Runs statements as the superuser. */
    public void execute(String database, String... statements) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return user + "@" + host + ":" + port;
    }
}
