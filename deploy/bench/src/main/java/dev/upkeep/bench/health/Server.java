package dev.upkeep.bench.health;

import dev.upkeep.bench.load.ResidentExecutor;
import dev.upkeep.local.server.LocalPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A PostgreSQL of its own with one database of many tables, each with a key, a sequence, a toast table, and two or three indexes. Each contender
 * has a role of its own with the rights that monitoring is given, so that their statements can be told apart.
 */
final class Server implements AutoCloseable {
    static final String DATABASE = "large";
    static final String UPKEEP = "bench_upkeep";
    static final String EXPORTER = "bench_exporter";
    static final String TABLES_EXPORTER = "bench_tables_exporter";
    static final String CHECKER = "bench_checker";
    static final String PASSWORD = "bench";
    private static final int TABLES_AT_ONCE = 200;

    private final Path folder;
    private final LocalPostgres server;

    Server(Path folder, int tables) throws SQLException, IOException {
        this.folder = Files.createDirectories(folder);
        server = LocalPostgres.in(folder)
                .setting("shared_preload_libraries", "pg_stat_statements")
                .setting("pg_stat_statements.track_planning", "on")
                .setting("shared_buffers", "512MB")
                .setting("max_wal_size", "8GB")
                .setting("checkpoint_timeout", "1h")
                .setting("autovacuum_naptime", "1h")
                .setting("fsync", "off")
                .setting("max_locks_per_transaction", "256")
                .start();
        for (String role : List.of(UPKEEP, EXPORTER, TABLES_EXPORTER, CHECKER)) {
            server.address()
                    .execute(
                            "postgres",
                            "CREATE ROLE " + role + " LOGIN PASSWORD '" + PASSWORD
                                    + "' IN ROLE pg_monitor, pg_read_all_data");
        }
        server.address().createDatabase(DATABASE);
        for (int at = 1; at <= tables; at += TABLES_AT_ONCE) {
            sql(tables(at, Math.min(tables, at + TABLES_AT_ONCE - 1)));
        }
        sql("CREATE EXTENSION pg_stat_statements", "VACUUM (FREEZE, ANALYZE)", "CHECKPOINT");
    }

    /** Half of the sequences have counted beyond what a small integer can hold, as sequences do. */
    private static String tables(int from, int to) {
        return """
                DO $$ BEGIN FOR i IN %d..%d LOOP
                  EXECUTE format('CREATE TABLE t%%1$s (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, b text, at timestamptz)', i);
                  EXECUTE format('CREATE INDEX ON t%%1$s (a)', i);
                  IF i %% 2 = 0 THEN EXECUTE format('CREATE INDEX ON t%%1$s (at)', i); END IF;
                  EXECUTE format('INSERT INTO t%%1$s (a, b, at) SELECT g, md5(g::text), now() FROM generate_series(1, 50) g', i);
                  IF i %% 2 = 0 THEN PERFORM setval(pg_get_serial_sequence(format('t%%1$s', i), 'id'), 100000); END IF;
                END LOOP; END $$
                """.formatted(from, to);
    }

    private void sql(String... statements) throws SQLException {
        server.address().execute(DATABASE, statements);
    }

    /** What the application does between two looks. */
    void write() throws SQLException {
        sql("INSERT INTO t1 (a, b, at) VALUES (1, 'new', now())");
    }

    String inWords() throws SQLException {
        return first("SELECT 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1) || ', '"
                + " || count(*) FILTER (WHERE relkind = 'r') || ' tables, ' || count(*) FILTER (WHERE relkind = 'i')"
                + " || ' indexes' FROM pg_class WHERE relnamespace = 'public'::regnamespace");
    }

    private String first(String sql) throws SQLException {
        try (Connection connection = server.address().connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : "";
        }
    }

    /** Forgets all statements so far. */
    void forget() throws SQLException {
        first("SELECT pg_stat_statements_reset()");
    }

    /** How many statements a contender has sent since then. */
    double statements(String role) throws SQLException {
        return Double.parseDouble(first("SELECT coalesce(sum(calls), 0)" + ofRole(role)));
    }

    /** Milliseconds that the server spent on planning and executing them. */
    double millis(String role) throws SQLException {
        return Double.parseDouble(first("SELECT coalesce(sum(total_plan_time + total_exec_time), 0)" + ofRole(role)));
    }

    /** The costliest of them: milliseconds of one call, and how each begins. */
    List<String> costliest(String role, int most) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (Connection connection = server.address().connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT round((mean_plan_time + mean_exec_time)::numeric, 1) || ' ms  '"
                                + " || left(regexp_replace(query, '\\s+', ' ', 'g'), 90)" + ofRole(role)
                                + " ORDER BY total_plan_time + total_exec_time DESC LIMIT " + most)) {
            while (row.next()) {
                lines.add(row.getString(1));
            }
        }
        return lines;
    }

    private static String ofRole(String role) {
        return " FROM pg_stat_statements WHERE userid = '" + role + "'::regrole";
    }

    int port() {
        return server.address().port();
    }

    String url(String role) {
        return "postgresql://" + role + ":" + PASSWORD + "@127.0.0.1:" + port() + "/" + DATABASE + "?sslmode=disable";
    }

    /** The folder of the server's programs, with {@code psql} if it is an installed one. */
    Path programs() {
        return server.bin();
    }

    ResidentExecutor executor(List<String> jvm) throws Exception {
        Path password = Files.createFile(
                folder.resolve("upkeep.password"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(password, PASSWORD);
        return new ResidentExecutor(folder, """
                databases:
                  large:
                    engine: postgresql
                    host: 127.0.0.1
                    port: %d
                    user: %s
                    password-file: "%s"
                """.formatted(port(), UPKEEP, password), jvm);
    }

    @Override
    public void close() {
        server.close();
    }
}
