package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Condition;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;

/**
 * A purge's session with PostgreSQL.
 *
 * <p>Batches run at isolation level repeatable read, so that what is chosen, archived and deleted is one and the same; a row
 * that someone changes meanwhile, or a child that comes, makes the server refuse the batch, which is then tried again. Fast batches
 * do not wait for the WAL to reach the disk, since a lost batch is only done again; {@link #settle} does at the end.
 */
final class PostgresSession implements Session {
    private static final long EXACT = 10_000_000;
    private static final int GENTLER = 20;
    private static final int PAUSES = 1;
    private static final Duration LEAST_PAUSE = Duration.ofMillis(10);
    private static final String LONGEST = "10min";
    private static final String LONGEST_SWEEP = "1s";

    private final PostgresDatabase database;
    private final Connection connection;
    private final PostgresCatalogue catalogue;
    private final PostgresDoomed doomed;
    private final PostgresRoots roots;
    private final PostgresSweep sweep;
    private boolean isBounded;

    PostgresSession(PostgresDatabase database, Connection connection) throws SQLException {
        this.database = database;
        this.connection = connection;
        this.catalogue = new PostgresCatalogue(connection);
        this.doomed = new PostgresDoomed(connection, catalogue);
        this.roots = new PostgresRoots(this, doomed);
        this.sweep = new PostgresSweep(this, catalogue, doomed);
        execute("SET synchronize_seqscans = off; SET jit = off; SET synchronous_commit = off;"
                + " SET extra_float_digits = 1; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';"
                + " SET bytea_output = 'hex'; SET statement_timeout = '" + LONGEST + "'");
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    }

    @Override
    public Instant now() throws SQLException {
        return Instant.ofEpochMilli(Long.parseLong(text("SELECT (extract(epoch from clock_timestamp()) * 1000)::bigint")
                .orElseThrow()));
    }

    @Override
    public void refuseWhileBusy(Limits.Demands demands) throws SQLException {
        new PostgresDemands(this).refuseWhileBusy(demands);
    }

    @Override
    public Table table(TableName name) throws SQLException {
        return catalogue.entry(name).table();
    }

    @Override
    public boolean isSpelling(TableName name, Table table) {
        return false;
    }

    @Override
    public List<Link> links(Table parent) throws SQLException {
        return catalogue.links(parent);
    }

    @Override
    public Optional<String> obstacle(Link link) throws SQLException {
        for (int i = 0; i < link.columns().size(); i++) {
            PostgresType child = catalogue.type(link.child(), link.columns().get(i));
            PostgresType parent =
                    catalogue.type(link.parent(), link.parentColumns().get(i));
            if (!child.isComparableWith(parent)) {
                return Optional.of(
                        "its column " + link.columns().get(i) + " is of type " + child.text()
                                + " and refers to one of type " + parent.text()
                                + ": which values are equal is a matter that the server decides by other rules than this session");
            }
        }
        return Optional.empty();
    }

    @Override
    public Age age(Table table, Purge.Rule rule, Instant cutoff, Optional<ZoneId> zone) throws SQLException {
        String column = quoted(table, rule.column().column());
        PostgresType base = catalogue.type(table.name(), rule.column().column());
        Sql condition = Sql.of("1=1");
        for (Condition each : rule.where()) {
            Sql next = condition(table, each);
            condition = condition.text().equals("1=1") ? next : condition.then(" AND ", next);
        }
        return new PostgresTime(table, rule, cutoff, zone, column).age(base.name(), condition);
    }

    private Sql condition(Table table, Condition condition) throws SQLException {
        String column = quoted(table, condition.column().column());
        PostgresType known = catalogue.type(table.name(), condition.column().column());
        if (known.isForeign()) {
            throw new Refused(
                    Code.UNSUPPORTED,
                    "where." + condition.column() + ": is of type " + known.text()
                            + " (which compares by rules of its own)");
        }
        // without a length, to which a longer value would be cut, and then be another
        String type = known.plain();
        for (String value : condition.values()) {
            try {
                text("SELECT CAST(? AS " + type + ")::text", value);
            } catch (SQLException e) {
                connection.rollback();
                throw new Refused(
                        Code.INVALID,
                        "where." + condition.column() + ": " + value + " (must be a value of type " + type + ")");
            }
        }
        String marks = condition.values().stream()
                .map(value -> "CAST(? AS " + type + ")")
                .collect(Collectors.joining(", "));
        String not = condition.operator() == Condition.Operator.NOT_IN ? " NOT" : "";
        return new Sql(column + not + " IN (" + marks + ")", List.copyOf(condition.values()));
    }

    @Override
    public Census census(Branch branch) throws SQLException {
        Table root = branch.root();
        PostgresCensus census = new PostgresCensus(this, branch);
        Optional<Instant> oldest = Optional.empty();
        Optional<Instant> newest = Optional.empty();
        Age age = branch.age();
        String least = "SELECT " + age.epoch().formatted("min(" + age.column() + ")") + "::text, "
                + age.epoch().formatted("max(" + age.column() + ")") + "::text FROM " + root.sql() + " WHERE "
                + age.all().text();
        try (PreparedStatement statement = prepared(least, age.all().values());
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            oldest = LocalTimes.instant(rows.getString(1));
            newest = LocalTimes.instant(rows.getString(2));
        }
        boolean isExact = root.rows() <= EXACT;
        long total = isExact ? census.total() : root.rows();
        Map<TableName, Long> counts = census.counts();
        Map<TableName, Long> bytes = new java.util.TreeMap<>();
        for (Map.Entry<TableName, Long> count : counts.entrySet()) {
            PostgresCatalogue.Entry entry = catalogue.entry(count.getKey());
            long rows = Math.max(1, entry.table().rows());
            bytes.put(count.getKey(), (long) ((double) entry.bytes() / rows * count.getValue()));
        }
        connection.commit();
        return new Census(counts, bytes, total, oldest, newest);
    }

    @Override
    public List<Walk> walks(Branch branch) throws SQLException {
        PostgresCatalogue.Entry entry = catalogue.entry(branch.root().name());
        boolean isOrdered = branch.age().order().isPresent();
        List<Walk> walks = new ArrayList<>();
        String leaves = entry.isPartitioned()
                ? "SELECT c.oid::regclass::text, c.relkind, pg_relation_filenode(c.oid) FROM pg_partition_tree(CAST(?"
                        + " AS bigint)::oid::regclass) t JOIN pg_class c ON c.oid = t.relid WHERE t.isleaf"
                : "SELECT c.oid::regclass::text, c.relkind, pg_relation_filenode(c.oid)"
                        + " FROM pg_class c WHERE c.oid = CAST(? AS bigint)::oid";
        try (PreparedStatement statement = prepared(leaves, List.of(Long.toString(entry.oid())));
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                String sql = rows.getString(1);
                if (!rows.getString(2).equals("r")) {
                    throw new Refused(
                            Code.UNSUPPORTED,
                            "table: " + branch.root().name() + " (its partition " + sql + " is not a table)");
                }
                // a rewritten table has its rows in other places: its walk begins anew
                walks.add(new Walk(isOrdered ? sql : sql + "#" + rows.getLong(3), sql, isOrdered));
            }
        }
        connection.commit();
        walks.sort(Comparator.comparing(Walk::name));
        return walks;
    }

    @Override
    public Optional<Partition> droppable(Branch branch, Walk walk) throws SQLException {
        return partition(branch, walk).look();
    }

    @Override
    public OptionalLong drop(Branch branch, Walk walk) throws SQLException {
        bound(false);
        return partition(branch, walk).drop();
    }

    @Override
    public OptionalLong drop(Branch branch, Walk walk, Archive archive, Attempt attempt)
            throws SQLException, IOException {
        bound(false);
        return partition(branch, walk).drop(archive, attempt);
    }

    @Override
    public boolean isThere(ArchiveLog.Leaving partition) throws SQLException {
        return PostgresPartition.isThere(connection, partition);
    }

    private PostgresPartition partition(Branch branch, Walk walk) throws SQLException {
        return new PostgresPartition(this, branch, catalogue.entry(branch.root().name()), walk);
    }

    /**
     * A gentle batch waits until its WAL is on the disk, so that it is paced by the disk too, and no commit of the application has to
     * bring the WAL of many batches there. It is so short, and so rare, that few commits meet its write to the disk.
     */
    @Override
    public Rhythm pace(Purge.Pace pace, Duration target) throws SQLException {
        boolean isGentle = pace == Purge.Pace.GENTLE;
        execute("SET synchronous_commit = " + (isGentle ? "local" : "off"));
        connection.commit();
        return isGentle ? new Rhythm(target.dividedBy(GENTLER), LEAST_PAUSE, PAUSES) : Rhythm.fast(target);
    }

    @Override
    public void between() {
        // the server does what is to be done
    }

    @Override
    public void begin(Branch branch, boolean isWhole) throws SQLException {
        doomed.begin(branch, isWhole);
        bound(doomed.canSweep());
    }

    /**
     * A sweep has to be short, and to use indexes whatever the planner thinks of the table's size. It is planned once: to plan each
     * anew, the server would look for the least time among the rows that were just deleted.
     */
    private void bound(boolean wanted) throws SQLException {
        if (wanted != isBounded) {
            execute(
                    wanted
                            ? "SET statement_timeout = '" + LONGEST_SWEEP + "'; SET enable_seqscan = off;"
                                    + " SET plan_cache_mode = force_generic_plan"
                            : "SET plan_cache_mode = auto; SET statement_timeout = '" + LONGEST
                                    + "'; SET enable_seqscan = on");
            connection.commit();
            isBounded = wanted;
        }
    }

    @Override
    public Optional<Swept> sweep(Walk walk, Optional<String> from, int take) throws SQLException {
        return sweep.sweep(walk, from, take);
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
    public void keepOnly(TableName table, int most) {
        doomed.keepOnly(table, most);
    }

    @Override
    public long doomed(TableName table) {
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
        connection.commit();
    }

    @Override
    public void rollback() throws SQLException {
        connection.rollback();
    }

    @Override
    public boolean isConflict(SQLException error) {
        String state = error.getSQLState() == null ? "" : error.getSQLState();
        return switch (state) {
            case "40001", "40P01", "55P03", "23503", "23001" -> true;
            default -> false;
        };
    }

    @Override
    public boolean isTooLong(SQLException error) {
        return "57014".equals(error.getSQLState());
    }

    @Override
    public Code codeOf(SQLException error) {
        return database.codeOf(error);
    }

    @Override
    public void settle() throws SQLException {
        connection.rollback();
        bound(false);
        execute("SET synchronous_commit = on");
        text("SELECT txid_current()::text");
        connection.commit();
        execute("SET synchronous_commit = off");
        connection.commit();
    }

    @Override
    public Optional<Instant> oldest(Branch branch, boolean isSwept) throws SQLException {
        Age age = branch.age();
        if (age.order().isEmpty() && branch.root().rows() > EXACT) {
            return Optional.empty();
        }
        Sql where = Sql.of(age.column() + " IS NOT NULL" + finite(age));
        if (isSwept && age.order().isPresent()) {
            Age.Order order = age.order().get();
            where = where.then(
                    " AND ",
                    Sql.of(
                            age.column() + " >= CAST(? AS " + order.type() + ")",
                            order.bound().values().get(0)));
        }
        return first(age, where, branch);
    }

    private Optional<Instant> first(Age age, Sql where, Branch branch) throws SQLException {
        String sql = "SELECT " + age.epoch().formatted("min(" + age.column() + ")") + "::text FROM "
                + branch.root().sql() + " WHERE " + where.text();
        try (PreparedStatement statement = prepared(sql, where.values());
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return LocalTimes.instant(rows.getString(1));
        } finally {
            connection.commit();
        }
    }

    private static String finite(Age age) {
        return age.order()
                .map(order -> switch (order.type()) {
                    case "timestamptz", "timestamp", "date" ->
                        " AND " + age.column() + " > '-infinity' AND " + age.column() + " < 'infinity'";
                    case "double precision" -> " AND " + age.column() + " > '-Infinity'";
                    default -> "";
                })
                .orElse("");
    }

    @Override
    public void analyze(List<Table> tables) throws SQLException {
        for (Table table : tables) {
            execute("ANALYZE " + table.sql());
            connection.commit();
        }
    }

    @Override
    public void cancel() {
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            // it ends by itself at its timeout
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    static String quoted(Table table, String column) {
        if (table.column(column).isEmpty()) {
            throw new Refused(
                    Code.NO_SUCH_COLUMN,
                    "column: " + column + " (is not in table " + table.name() + "; names are case-sensitive)");
        }
        return PostgresArray.identifier(column);
    }

    Connection connection() {
        return connection;
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    PreparedStatement prepared(String sql, List<?> values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.size(); i++) {
            // of no type: the server takes it for what the CAST around it says
            statement.setObject(i + 1, values.get(i), Types.OTHER);
        }
        return statement;
    }

    Optional<String> text(String sql, String... values) throws SQLException {
        return first(new Sql(sql, List.<Object>of((Object[]) values)));
    }

    /** The first column of the first row. */
    Optional<String> first(Sql query) throws SQLException {
        try (PreparedStatement statement = prepared(query.text(), query.values());
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
        }
    }
}
