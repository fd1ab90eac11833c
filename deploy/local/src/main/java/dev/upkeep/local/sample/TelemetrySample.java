package dev.upkeep.local.sample;

import dev.upkeep.local.server.PostgresAddress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/**
 * System 2: the database of a telemetry platform in PostgreSQL. {@code events_seen} is kept for 7 days; {@code agg_1m}, with one
 * partition a month, for 90 days.
 *
 * <p>Filled in one transaction; a database that has its tables is left alone.
 */
public final class TelemetrySample {
    public static final String DATABASE = "telemetry";

    /** The role that owns the tables; it cannot log in. */
    public static final String OWNER = "telemetry_owner";

    private TelemetrySample() {}

    /**
     * Makes the database and its tables, unless they exist.
     *
     * @param now what ages are counted from
     * @return whether they were made
     */
    public static boolean create(PostgresAddress server, Instant now) throws SQLException {
        server.createDatabase(DATABASE);
        try (Connection connection = server.connect(DATABASE)) {
            if (exists(
                    connection,
                    "SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = ?",
                    "events_seen")) {
                return false;
            }
            connection.setAutoCommit(false);
            if (!exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = ?", OWNER)) {
                new SampleScript(java.util.List.of("CREATE ROLE " + OWNER)).run(connection);
            }
            SampleScript.load("telemetry.sql", now).run(connection);
            connection.commit();
            return true;
        }
    }

    private static boolean exists(Connection connection, String query, String parameter) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, parameter);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }
}
