package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.sqlite.SQLiteConfig;

/** Unpacks a copy of a SQLite database into a scratch file, and lets SQLite check all of it. */
final class SqliteCheck implements ContentCheck {
    private static final String TABLES = """
            SELECT name FROM sqlite_schema
            WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name""";
    private static final String SCHEMA = """
            SELECT type || char(31) || name || char(31) || tbl_name || char(31) || coalesce(sql, '') FROM sqlite_schema
            UNION ALL SELECT 'user_version ' || user_version FROM pragma_user_version
            UNION ALL SELECT 'application_id ' || application_id FROM pragma_application_id
            UNION ALL SELECT 'encoding ' || encoding FROM pragma_encoding""";

    private static final int CORRUPT = 11;
    private static final int NOT_A_DATABASE = 26;

    private final Attempt attempt;

    SqliteCheck(Attempt attempt) {
        this.attempt = attempt;
    }

    @Override
    public Optional<Contents> read(Content content, long expectedBytes, Workplace workplace, Pump pump)
            throws SQLException, IOException {
        Path copy = workplace.scratch("check");
        BackupFolder.deleteTree(copy);
        try (InputStream in = content.open();
                OutputStream out = Channels.newOutputStream(BackupFolder.create(copy))) {
            pump.move(in, out::write, new Pump.Part("verification", expectedBytes, 70, 85));
        }
        Contents contents = contents(copy);
        Files.delete(copy);
        return Optional.of(contents);
    }

    /** What is in a database file that nobody writes to; a failure if SQLite finds anything wrong with it. */
    @SuppressWarnings("try") // some resources only have to be closed
    Contents contents(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        // immutable: no lock, and no -wal file is looked for or made
        String url = "jdbc:sqlite:" + file.toUri().toString().replace("file:///", "file:/") + "?immutable=1";
        try (Connection connection = config.createConnection(url);
                Statement statement = connection.createStatement();
                Attempt.Interruption interruption = attempt.onStop(() -> cancel(statement))) {
            List<String> wrong = texts(statement, "PRAGMA integrity_check(10)");
            if (!wrong.equals(List.of("ok"))) {
                throw SqliteCopy.damaged(String.join("; ", wrong));
            }
            return contents(statement);
        } catch (SQLException e) {
            int primary = e.getErrorCode() & 0xff;
            if (primary == CORRUPT || primary == NOT_A_DATABASE) {
                throw SqliteCopy.damaged(String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    /** What is in a live database now. */
    @SuppressWarnings("try") // some resources only have to be closed
    Contents contentsOf(SqliteDatabase database) throws SQLException {
        try (Connection connection = database.connectReadOnly();
                Statement statement = connection.createStatement();
                Attempt.Interruption interruption = attempt.onStop(() -> cancel(statement))) {
            return contents(statement);
        }
    }

    private static Contents contents(Statement statement) throws SQLException {
        RowHash schema = new RowHash();
        for (String line : texts(statement, SCHEMA)) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            schema.update(bytes, 0, bytes.length);
            schema.endRow();
        }
        Map<String, Contents.Table> byTable = new TreeMap<>();
        List<String> tables = texts(statement, TABLES);
        long rows = 0;
        for (String table : tables) {
            long count = Long.parseLong(texts(statement, "SELECT count(*) FROM \"" + table.replace("\"", "\"\"") + "\"")
                    .get(0));
            rows += count;
            if (byTable.size() < Contents.LISTED) {
                byTable.put(table, new Contents.Table(count, ""));
            }
        }
        return new Contents(schema.text(), tables.size(), rows, byTable);
    }

    private static List<String> texts(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            List<String> texts = new ArrayList<>();
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
            return texts;
        }
    }

    private static void cancel(Statement statement) {
        try {
            statement.cancel();
        } catch (SQLException e) {
            throw new IllegalStateException("a running statement cannot be cancelled", e);
        }
    }
}
