package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.database.PostgresDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * What must be known of a PostgreSQL server before it is backed up.
 *
 * @param tableBytes of tables and large objects as they lie on disk, without indexes
 */
record ServerFacts(int major, String version, long databaseBytes, long tableBytes, Manifest.Cluster cluster) {
    private static final int MOST_ROLES = 5_000;
    private static final String ROLES =
            "SELECT rolname, oid = 10 FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1 LIMIT " + MOST_ROLES;
    private static final String QUERY = """
            SELECT current_setting('server_version_num')::int / 10000, current_setting('server_version'),
                   pg_database_size(current_database()),
                   (SELECT coalesce(sum(pg_table_size(oid)), 0)::bigint FROM pg_class
                    WHERE relkind IN ('r', 'm') AND relpersistence <> 't'
                      AND (oid >= 16384 OR oid = 'pg_largeobject'::regclass))""";

    static ServerFacts of(PostgresDatabase database) throws SQLException {
        try (Connection connection = database.connect("backup");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(QUERY)) {
            row.next();
            return new ServerFacts(
                    row.getInt(1), row.getString(2), row.getLong(3), row.getLong(4), cluster(connection, database));
        }
    }

    private static Manifest.Cluster cluster(Connection connection, PostgresDatabase database) throws SQLException {
        List<String> roles = new ArrayList<>();
        String superuser = database.user();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(ROLES)) {
            while (rows.next()) {
                roles.add(rows.getString(1));
                superuser = rows.getBoolean(2) ? rows.getString(1) : superuser;
            }
        }
        return new Manifest.Cluster(database.address().database(), superuser, roles);
    }
}
