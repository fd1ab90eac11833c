package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Condition;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.database.SqliteDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConnection;
import org.sqlite.core.DB;

/**
 * A purge's session with a SQLite file. Batches begin immediately as writers, so that nobody else writes between choosing and
 * deleting; they are short, since all other writers wait meanwhile.
 */
final class SqliteSession implements Session {
    private static final int INTERRUPTED = 9;
    private static final int STEPS_BETWEEN_LOOKS = 20_000;
    private static final Duration LONGEST_SWEEP = Duration.ofMillis(100);
    private static final int GENTLER = 15;
    private static final double PAUSES = 1;
    private static final Duration PAUSE = Duration.ofNanos(2_200_000);

    private final SqliteDatabase database;
    private final Connection connection;
    private final Clock clock;
    private final SqliteCatalogue catalogue;
    private final SqliteDoomed doomed;
    private final SqliteRoots roots;
    private final SqliteSweep sweep;
    private Optional<SqliteCheckpoint> checkpoint = Optional.empty();
    private boolean isOpen;

    SqliteSession(SqliteDatabase database, Connection connection, Clock clock) throws SQLException {
        this.database = database;
        this.connection = connection;
        this.clock = clock;
        this.catalogue = new SqliteCatalogue(connection);
        this.doomed = new SqliteDoomed(connection, catalogue);
        this.roots = new SqliteRoots(catalogue, doomed);
        this.sweep = new SqliteSweep(catalogue, doomed);
        if (isWal()) {
            // a power cut may undo the last batches, which are then done again; it cannot damage the file
            execute("PRAGMA synchronous = NORMAL");
        }
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    @Override
    public void refuseWhileBusy(Limits.Demands demands) throws SQLException {
        for (Limits.Busy busy : demands.busy()) {
            Table table = table(busy.table());
            String column = column(table, busy.column().column());
            String marks = busy.values().stream().map(value -> "?").collect(Collectors.joining(", "));
            try (PreparedStatement statement = connection.prepareStatement("SELECT 1 FROM " + table.sql()
                    + " WHERE CAST(" + column + " AS TEXT) IN (" + marks + ") LIMIT 1")) {
                bind(statement, 1, List.copyOf(busy.values()));
                try (ResultSet rows = statement.executeQuery()) {
                    if (rows.next()) {
                        throw new Refused(
                                Code.SESSION_ACTIVE,
                                "active-while." + busy.name() + ": " + busy.values() + " (a row of " + table.name()
                                        + " has it in " + busy.column() + "; purge when it is over)");
                    }
                }
            }
        }
    }

    @Override
    public Table table(TableName name) throws SQLException {
        return catalogue.entry(name).table();
    }

    @Override
    public boolean isSpelling(TableName name, Table table) {
        return name.table().equalsIgnoreCase(table.name().table())
                && name.schema().map(schema -> schema.equalsIgnoreCase("main")).orElse(true);
    }

    @Override
    public List<Link> links(Table parent) throws SQLException {
        return catalogue.links(parent);
    }

    @Override
    public Optional<String> obstacle(Link link) throws SQLException {
        return new SqliteComparison(connection, table(link.parent()), table(link.child())).obstacle(link);
    }

    @Override
    public Age age(Table table, Purge.Rule rule, Instant cutoff, Optional<ZoneId> zone) {
        String column = column(table, rule.column().column());
        Sql condition = Sql.of("1=1");
        for (Condition each : rule.where()) {
            Sql next = condition(table, each);
            condition = condition.text().equals("1=1") ? next : condition.then(" AND ", next);
        }
        return SqliteTime.age(table, rule, cutoff, column, condition);
    }

    /** Each value as a text and, if it is one, as a number: columns without a type compare neither with the other. */
    private static Sql condition(Table table, Condition condition) {
        List<Object> values = new ArrayList<>();
        for (String value : condition.values()) {
            values.add(value);
            if (value.matches("-?\\d{1,18}")) {
                values.add(Long.parseLong(value));
            } else if (value.matches("-?\\d{1,18}\\.\\d{1,18}")) {
                values.add(Double.parseDouble(value));
            }
        }
        String marks = values.stream().map(value -> "?").collect(Collectors.joining(", "));
        String not = condition.operator() == Condition.Operator.NOT_IN ? " NOT" : "";
        return new Sql(column(table, condition.column().column()) + not + " IN (" + marks + ")", values);
    }

    @Override
    public Census census(Branch branch) throws SQLException {
        for (Branch.Group group : branch.order()) {
            if (group.tables().size() > 1
                    && group.within().stream().anyMatch(link -> link.onDelete() == Link.OnDelete.RESTRICT)) {
                throw new Refused(
                        Code.UNSUPPORTED,
                        "path: " + group.within().stream().map(Link::text).collect(Collectors.joining(", "))
                                + " (a cycle with ON DELETE RESTRICT cannot be deleted in SQLite)");
            }
        }
        doomed.prepare(branch);
        execute("BEGIN");
        isOpen = true;
        try {
            return new SqliteCensus(connection, catalogue, doomed, branch).count();
        } finally {
            rollback();
        }
    }

    @Override
    public List<Walk> walks(Branch branch) {
        Table root = branch.root();
        // a place in the one order is none in the other
        boolean isOrdered = branch.age().order().isPresent();
        return List.of(new Walk(root.name().text() + (isOrdered ? "" : "#rowid"), root.sql(), isOrdered));
    }

    @Override
    public Optional<Partition> droppable(Branch branch, Walk walk) {
        return Optional.empty();
    }

    @Override
    public OptionalLong drop(Branch branch, Walk walk) {
        return OptionalLong.empty();
    }

    /**
     * A batch keeps all other writers out. Who waits for it looks again after 1 ms, then after 2 and 5 ms (SQLite's own busy handler),
     * so a gentle one takes about as long, and the pause after it is long enough to be found.
     */
    @Override
    public Rhythm pace(Purge.Pace pace, Duration target) throws SQLException {
        if (pace == Purge.Pace.FAST) {
            return Rhythm.fast(target);
        }
        checkpoint = isWal() ? Optional.of(new SqliteCheckpoint(connection)) : Optional.empty();
        return new Rhythm(target.dividedBy(GENTLER), PAUSE, PAUSES);
    }

    @Override
    public void between() throws SQLException {
        if (checkpoint.isPresent()) {
            checkpoint.get().after();
        }
    }

    @Override
    public void begin(Branch branch, boolean isWhole) throws SQLException {
        doomed.prepare(branch);
        execute("BEGIN IMMEDIATE");
        isOpen = true;
        if (branch.hasCycle()) {
            execute("PRAGMA defer_foreign_keys = ON");
        }
        doomed.begin(isWhole);
    }

    @Override
    public Optional<Swept> sweep(Walk walk, Optional<String> from, int take) throws SQLException {
        Branch branch = doomed.branch();
        if (branch.links().isEmpty() && !branch.age().hasCondition()) {
            return sweep.sweep(walk, from, take);
        }
        // one root row may have very many dependants, and very many rows may lie between those that go
        DB handle = connection.unwrap(SQLiteConnection.class).getDatabase();
        long end = System.nanoTime() + LONGEST_SWEEP.toNanos();
        handle.register_progress_handler(STEPS_BETWEEN_LOOKS, new ProgressHandler() {
            @Override
            protected int progress() {
                return System.nanoTime() > end ? 1 : 0;
            }
        });
        try {
            return sweep.sweep(walk, from, take);
        } finally {
            handle.clear_progress_handler();
        }
    }

    @Override
    public Chosen choose(Walk walk, Optional<String> from, int scan, int take) throws SQLException {
        return roots.choose(walk, from, scan, take);
    }

    @Override
    public long follow(Link link, long most) throws SQLException {
        return doomed.follow(link, most);
    }

    @Override
    public void keepOnly(TableName table, int most) throws SQLException {
        doomed.keepOnly(table, most);
    }

    @Override
    public long doomed(TableName table) throws SQLException {
        return doomed.size(table);
    }

    @Override
    public void read(TableName table, RowSink sink) throws SQLException, IOException {
        doomed.read(table, sink);
    }

    @Override
    public Map<TableName, Long> delete(Branch.Group group) throws SQLException {
        return doomed.delete(group);
    }

    @Override
    public void commit() throws SQLException {
        execute("COMMIT");
        isOpen = false;
    }

    @Override
    public void rollback() throws SQLException {
        if (isOpen) {
            isOpen = false;
            doomed.forget();
            try {
                execute("ROLLBACK");
            } catch (SQLException e) {
                // SQLite itself rolls back what is broken off while it writes
                if (!String.valueOf(e.getMessage()).contains("no transaction is active")) {
                    throw e;
                }
            } finally {
                doomed.forgetStatements();
            }
        }
    }

    @Override
    public boolean isConflict(SQLException error) {
        Code code = database.codeOf(error);
        return code == Code.BUSY;
    }

    @Override
    public boolean isTooLong(SQLException error) {
        return error.getErrorCode() == INTERRUPTED;
    }

    @Override
    public Code codeOf(SQLException error) {
        return database.codeOf(error);
    }

    @Override
    public void settle() {
        // each commit is as durable as the file's own settings make it
    }

    @Override
    public Optional<Instant> oldest(Branch branch, boolean isSwept) throws SQLException {
        Age age = branch.age();
        try (PreparedStatement statement =
                        connection.prepareStatement("SELECT " + age.epoch().formatted("min(" + age.column() + ")")
                                + " FROM " + branch.root().sql() + " WHERE " + age.column() + " > -9e999");
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? LocalTimes.instant(rows.getString(1)) : Optional.empty();
        }
    }

    @Override
    public void analyze(List<Table> tables) throws SQLException {
        execute("PRAGMA analysis_limit = 1000");
        for (Table table : tables) {
            execute("ANALYZE " + table.sql());
        }
    }

    @Override
    public void cancel() {
        try {
            connection.unwrap(SQLiteConnection.class).getDatabase().interrupt();
        } catch (SQLException e) {
            // it is closed, so there is nothing to break off
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    private static String column(Table table, String written) {
        return SqliteCatalogue.quoted(table.columns().stream()
                .map(Table.Column::name)
                .filter(name -> name.equalsIgnoreCase(written))
                .findFirst()
                .orElseThrow(() -> new Refused(
                        Code.NO_SUCH_COLUMN, "column: " + written + " (is not in table " + table.name() + ")")));
    }

    private boolean isWal() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA journal_mode")) {
            return rows.next() && rows.getString(1).equalsIgnoreCase("wal");
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Returns the place after the last value. */
    static int bind(PreparedStatement statement, int from, List<? extends @Nullable Object> values)
            throws SQLException {
        int at = from;
        for (Object value : values) {
            statement.setObject(at++, value);
        }
        return at;
    }
}
