package dev.upkeep.executor.operation.health;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/**
 * What the other parts of a health check need to know about the server, read first.
 *
 * @param version as PostgreSQL numbers it: 150018 for 15.18
 * @param now by the server's clock
 * @param pageSize in bytes
 * @param readsWal whether we may list pg_wal
 * @param autovacuum the server's settings for tables that have none of their own
 */
record PostgresServer(
        DatabaseId database,
        int version,
        boolean standby,
        Instant now,
        int pageSize,
        boolean readsWal,
        Autovacuum autovacuum) {
    /** When autovacuum takes up a table. */
    record Autovacuum(
            boolean on,
            double vacuumThreshold,
            double vacuumScale,
            double analyzeThreshold,
            double analyzeScale,
            double freezeMaxAge,
            double multixactFreezeMaxAge) {}

    private static final String SQL = """
            SELECT clock_timestamp() AS now, pg_is_in_recovery() AS standby,
              current_setting('block_size')::int AS page_size,
              has_function_privilege('pg_ls_waldir()', 'execute')
                AND has_function_privilege('pg_ls_archive_statusdir()', 'execute') AS reads_wal,
              current_setting('autovacuum')::bool AND current_setting('track_counts')::bool AS autovacuum,
              current_setting('autovacuum_vacuum_threshold')::float8 AS vacuum_threshold,
              current_setting('autovacuum_vacuum_scale_factor')::float8 AS vacuum_scale,
              current_setting('autovacuum_analyze_threshold')::float8 AS analyze_threshold,
              current_setting('autovacuum_analyze_scale_factor')::float8 AS analyze_scale,
              current_setting('autovacuum_freeze_max_age')::float8 AS freeze_max_age,
              current_setting('autovacuum_multixact_freeze_max_age')::float8 AS multixact_freeze_max_age
            """;

    static PostgresServer read(PostgresSession session, DatabaseId database) throws SQLException {
        int version = session.version();
        return session.first(SQL, row -> of(database, version, row)).orElseThrow();
    }

    private static PostgresServer of(DatabaseId database, int version, ResultSet row) throws SQLException {
        return new PostgresServer(
                database,
                version,
                row.getBoolean("standby"),
                row.getTimestamp("now").toInstant(),
                row.getInt("page_size"),
                row.getBoolean("reads_wal"),
                new Autovacuum(
                        row.getBoolean("autovacuum"),
                        row.getDouble("vacuum_threshold"),
                        row.getDouble("vacuum_scale"),
                        row.getDouble("analyze_threshold"),
                        row.getDouble("analyze_scale"),
                        row.getDouble("freeze_max_age"),
                        row.getDouble("multixact_freeze_max_age")));
    }

    /** Whether the server is at least this major version. */
    boolean isAtLeast(int major) {
        return version >= major * 10_000;
    }
}
