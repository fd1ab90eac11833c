package dev.upkeep.executor.operation.purge;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Puts archived rows back into a SQLite file; references are checked at the end of each batch. */
final class SqliteRefill implements Restorer.Refill {
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build());

    private static final int MOST_STATEMENTS = 100;

    private final Connection connection;
    private final SqliteCatalogue catalogue;
    private final Map<String, Target> targets = new HashMap<>();
    private final Map<String, Long> displaced = new TreeMap<>();
    private final Map<String, PreparedStatement> statements = new HashMap<>();

    private final boolean isWide;

    private record Target(Table table, List<String> columns) {}

    SqliteRefill(Connection connection) throws SQLException {
        this.connection = connection;
        this.catalogue = new SqliteCatalogue(connection);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA encoding")) {
            this.isWide = row.next() && row.getString(1).startsWith("UTF-16");
        }
    }

    @Override
    public Table check(Receipt.Shape shape) throws SQLException {
        Table table = catalogue.entry(Restorer.table(shape.table())).table();
        targets.put(shape.table(), new Target(table, Restorer.columns(shape, table)));
        return table;
    }

    @Override
    public Map<String, Long> insert(List<ArchiveReader.Line> rows) throws SQLException, IOException {
        Map<String, Long> inserted = new TreeMap<>();
        execute("BEGIN IMMEDIATE");
        boolean isDone = false;
        try {
            execute("PRAGMA defer_foreign_keys = ON");
            for (ArchiveReader.Line row : rows) {
                Target target = Optional.ofNullable(targets.get(row.table())).orElseThrow();
                JsonNode values = JSON.readTree(row.json());
                long added = insert(target, values);
                inserted.merge(row.table(), added, Long::sum);
                if (added == 0 && !target.table().key().isEmpty() && !isThere(target, values)) {
                    displaced.merge(row.table(), 1L, Long::sum);
                }
            }
            execute("COMMIT");
            isDone = true;
            return inserted;
        } finally {
            if (!isDone) {
                execute("ROLLBACK");
            }
        }
    }

    /** Whether there is a row with just these values. */
    private boolean isThere(Target target, JsonNode row) throws SQLException, IOException {
        List<String> same = new ArrayList<>();
        for (String column : target.columns()) {
            same.add(SqliteCatalogue.quoted(column) + " IS " + mark(row.path(column)));
        }
        PreparedStatement look =
                cached("SELECT 1 FROM " + target.table().sql() + " WHERE " + String.join(" AND ", same));
        bind(look, target, row);
        try (ResultSet found = look.executeQuery()) {
            return found.next();
        }
    }

    @Override
    public Map<String, Long> displaced() {
        return displaced;
    }

    /** Bytes that are a text come back as one in the file's own encoding: SQLite takes bytes that are bound for UTF-8. */
    private String mark(JsonNode value) throws IOException {
        if (isLiteral(value)) {
            return "CAST(x'" + HexFormat.of().formatHex(value.get("text").binaryValue()) + "' AS TEXT)";
        }
        return value.has("text") ? "CAST(? AS TEXT)" : "?";
    }

    private boolean isLiteral(JsonNode value) {
        return isWide && value.has("text");
    }

    private int insert(Target target, JsonNode row) throws SQLException, IOException {
        List<String> marks = new ArrayList<>();
        for (String column : target.columns()) {
            marks.add(mark(row.path(column)));
        }
        String names = target.columns().stream().map(SqliteCatalogue::quoted).collect(Collectors.joining(", "));
        PreparedStatement insert = cached("INSERT INTO " + target.table().sql() + " (" + names + ") VALUES ("
                + String.join(", ", marks) + ") ON CONFLICT DO NOTHING");
        bind(insert, target, row);
        return insert.executeUpdate();
    }

    private void bind(PreparedStatement statement, Target target, JsonNode row) throws SQLException, IOException {
        int at = 1;
        for (String column : target.columns()) {
            if (!isLiteral(row.path(column))) {
                bind(statement, at++, row.path(column));
            }
        }
    }

    private static void bind(PreparedStatement statement, int at, JsonNode value) throws SQLException, IOException {
        if (value.isMissingNode() || value.isNull()) {
            statement.setObject(at, null);
        } else if (value.isIntegralNumber()) {
            statement.setLong(at, value.longValue());
        } else if (value.isNumber()) {
            statement.setDouble(at, value.doubleValue());
        } else if (value.isTextual()) {
            statement.setString(at, value.textValue());
        } else if (value.has("real")) {
            statement.setDouble(at, Double.parseDouble(value.get("real").textValue()));
        } else if (value.has("text")) {
            statement.setBytes(at, value.get("text").binaryValue());
        } else {
            statement.setBytes(at, value.get("blob").binaryValue());
        }
    }

    private PreparedStatement cached(String sql) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            if (statements.size() == MOST_STATEMENTS) {
                for (PreparedStatement old : List.copyOf(statements.values())) {
                    old.close();
                }
                statements.clear();
            }
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        return statement;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
