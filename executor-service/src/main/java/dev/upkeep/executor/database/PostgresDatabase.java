package dev.upkeep.executor.database;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.fleet.Labels;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * One PostgreSQL database. Sessions name themselves {@code upkeep <purpose>}, run in UTC with {@code search_path} empty but for
 * pg_catalog, and give up on locks and statements within limits; an operation that needs other limits sets them itself.
 *
 * @param password asked at every connect, so that a rotated secret is picked up; empty leaves it to {@code .pgpass} or the
 *     server's own rule
 * @param settings further settings of the driver, such as {@code sslmode} and {@code sslrootcert}
 * @param systemIdentifier what {@code pg_control_system()} must say; a server with other data, such as a restored clone or
 *     another one behind a renamed host, is not worked on
 */
public record PostgresDatabase(
        DatabaseId id,
        Map<String, String> labels,
        PostgresAddress address,
        String user,
        Supplier<Optional<String>> password,
        Map<String, String> settings,
        Optional<String> systemIdentifier)
        implements Database {
    /** The SQLSTATE of Upkeep's own for a server that is not the expected one. */
    static final String WRONG_SERVER = "UPK01";

    private static final int LONGEST_NAME = 63;
    private static final String INVALID_PASSWORD = "28P01";

    /** Whatever server it is on. */
    public PostgresDatabase(
            DatabaseId id,
            Map<String, String> labels,
            PostgresAddress address,
            String user,
            Supplier<Optional<String>> password,
            Map<String, String> settings) {
        this(id, labels, address, user, password, settings, Optional.empty());
    }

    public PostgresDatabase {
        labels = Labels.checked("labels", labels);
        settings = Map.copyOf(settings);
    }

    @Override
    public Engine engine() {
        return Engine.POSTGRESQL;
    }

    /**
     * Opens a session.
     *
     * @param purpose the command's id, or what else the session is for; seen in {@code pg_stat_activity}
     */
    public Connection connect(String purpose) throws SQLException {
        return connect(purpose, "");
    }

    /**
     * Opens a session with settings of its own, which go with the start of the session and so cost no round trip.
     *
     * @param options further {@code -c name=value}, of our own code only
     */
    public Connection connect(String purpose, String options) throws SQLException {
        String name = "upkeep " + purpose;
        Properties properties = new Properties();
        properties.putAll(settings);
        properties.setProperty("user", user);
        secret().ifPresent(text -> properties.setProperty("password", text));
        properties.setProperty(
                "ApplicationName", name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name);
        // the detail of the server's errors shows keys of rows
        properties.setProperty("logServerErrorDetail", "false");
        properties.putIfAbsent("connectTimeout", "10");
        properties.putIfAbsent("loginTimeout", "15");
        properties.putIfAbsent("tcpKeepAlive", "true");
        // lets the driver send the application's name with the start of the session
        properties.putIfAbsent("assumeMinServerVersion", "10");
        properties.setProperty(
                "options",
                "-c search_path=pg_catalog -c TimeZone=UTC -c lock_timeout=2s -c statement_timeout=30s"
                        + " -c idle_in_transaction_session_timeout=60s" + options);
        Connection connection = open(properties);
        if (connection == null) {
            throw new IllegalStateException("the driver does not take " + address.url());
        }
        try {
            checkServer(connection);
            return connection;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private @Nullable Connection open(Properties properties) throws SQLException {
        try {
            return new Driver().connect(address.url(), properties);
        } catch (SQLException e) {
            throw Encryption.explained(e, address, settings);
        }
    }

    private void checkServer(Connection connection) throws SQLException {
        if (systemIdentifier.isEmpty()) {
            return;
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT system_identifier::text FROM pg_control_system()")) {
            String found = row.next() ? row.getString(1) : "";
            if (!found.equals(systemIdentifier.get())) {
                throw new SQLException(
                        "the server at " + address + " has the system identifier " + found + ", but "
                                + systemIdentifier.get() + " is expected of database " + id
                                + "; it is another server or a clone, and is left alone",
                        WRONG_SERVER);
            }
        }
    }

    private Optional<String> secret() throws SQLException {
        try {
            return password.get();
        } catch (NoPassword e) {
            throw new SQLException(e.getMessage(), INVALID_PASSWORD, e);
        }
    }

    @Override
    public Code codeOf(SQLException error) {
        return PostgresErrors.codeOf(error);
    }

    @Override
    public String toString() {
        return id + " (" + address + ")";
    }
}
