package dev.upkeep.executor.operation.index;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.EnsureIndexes;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.PostgresTable;
import dev.upkeep.executor.operation.postgres.RelationName;
import dev.upkeep.executor.operation.postgres.Stopped;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Creates missing PostgreSQL indexes with {@code CREATE INDEX CONCURRENTLY}. An invalid index of the wanted name is dropped first; one
 * that its own build leaves invalid is dropped at once. On a partitioned table the partitions get theirs concurrently, then
 * the table's own is put over them, which takes a short lock.
 */
@ApplicationScoped
public class PostgresEnsureIndexes implements Operation<EnsureIndexes, PostgresDatabase> {
    private static final int LONGEST_NAME = 63;
    private static final String LOCK_TIMEOUT = "55P03";
    private static final String SQL = """
            SELECT i.relname, x.indisvalid, x.indisunique, x.indpred IS NOT NULL AS partial, x.indnkeyatts,
              ARRAY(SELECT coalesce(a.attname, '') FROM generate_series(0, x.indnkeyatts - 1) k
                LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[k] ORDER BY k) AS columns
            FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = ?::int8::oid
            """;

    @Override
    public Class<EnsureIndexes> task() {
        return EnsureIndexes.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    private record Existing(String name, boolean valid, boolean unique, boolean partial, List<String> columns) {
        boolean serves(List<String> wanted, boolean mustBeUnique) {
            return valid
                    && !partial
                    && (mustBeUnique
                            ? unique && columns.equals(wanted)
                            : columns.size() >= wanted.size()
                                    && columns.subList(0, wanted.size()).equals(wanted));
        }
    }

    @Override
    public Done perform(Order<EnsureIndexes> order, PostgresDatabase database, Attempt attempt) throws SQLException {
        try (PostgresSession session = PostgresSession.open(database, order.command(), attempt)) {
            if (session.isStandby()) {
                return Done.rejected(PostgresSession.standby());
            }
            for (EnsureIndexes.Wanted wanted : order.task().indexes()) {
                Optional<Reason> problem = problem(session, wanted);
                if (problem.isPresent()) {
                    return Done.rejected(problem.get());
                }
            }
            return new Round(session, attempt, order.dryRun()).done(order.task().indexes());
        }
    }

    private static Optional<Reason> problem(PostgresSession session, EnsureIndexes.Wanted wanted) throws SQLException {
        PostgresTable table =
                PostgresTable.find(session, List.of(wanted.table())).get(0);
        List<String> known = session.rows(
                "SELECT attname FROM pg_attribute WHERE attrelid = ?::int8::oid AND attnum > 0 AND NOT attisdropped",
                row -> row.getString(1),
                table.oid());
        Optional<ColumnName> missing = wanted.columns().stream()
                .filter(column -> !known.contains(column.column()))
                .findFirst();
        return missing.map(column -> new Reason(
                Code.NO_SUCH_COLUMN, "columns: " + column + " (must be a column of table " + wanted.table() + ")"));
    }

    /** One walk over the list. */
    private static final class Round {
        private final PostgresSession session;
        private final Attempt attempt;
        private final boolean dryRun;
        private final List<EnsureIndexes.Index> created = new ArrayList<>();
        private final List<EnsureIndexes.Index> present = new ArrayList<>();
        private final List<TableName> locked = new ArrayList<>();

        Round(PostgresSession session, Attempt attempt, boolean dryRun) {
            this.session = session;
            this.attempt = attempt;
            this.dryRun = dryRun;
        }

        Done done(List<EnsureIndexes.Wanted> all) throws SQLException {
            session.update("SET lock_timeout = '30s'");
            int at = 0;
            try {
                for (EnsureIndexes.Wanted wanted : all) {
                    Optional<Stop> stop = attempt.stop();
                    if (stop.isPresent()) {
                        return partial(stop.get(), at, all.size());
                    }
                    attempt.progress(100.0 * at++ / all.size(), Optional.empty(), "at table " + wanted.table());
                    PostgresTable table =
                            PostgresTable.find(session, List.of(wanted.table())).get(0);
                    Optional<Reason> problem = ensure(table, wanted);
                    if (problem.isPresent()) {
                        return created.isEmpty()
                                ? Done.rejected(problem.get(), report())
                                : Done.partial(report(), problem.get(), List.of(), measurements());
                    }
                }
            } catch (SQLException e) {
                Optional<Stop> stop = attempt.stop();
                if (stop.isEmpty() || !PostgresSession.isBrokenOff(e)) {
                    throw e;
                }
                return partial(stop.get(), at - 1, all.size());
            }
            if (created.isEmpty() && !locked.isEmpty()) {
                return Done.contended(new Reason(Code.LOCK_TIMEOUT, "others hold locks on tables " + locked));
            }
            return created.isEmpty()
                    ? Done.nothing(report(), List.of(), measurements())
                    : Done.succeeded(report(), List.of(), measurements());
        }

        private Optional<Reason> ensure(PostgresTable table, EnsureIndexes.Wanted wanted) throws SQLException {
            List<String> columns =
                    wanted.columns().stream().map(ColumnName::column).toList();
            List<Existing> existing = session.rows(SQL, Round::existing, table.oid());
            Optional<Existing> serving = existing.stream()
                    .filter(index -> index.serves(columns, wanted.unique()))
                    .findFirst();
            if (serving.isPresent()) {
                present.add(new EnsureIndexes.Index(
                        serving.get().name(), table.name().table(), false));
                return Optional.empty();
            }
            String name = wanted.name()
                    .map(ColumnName::column)
                    .orElseGet(() -> shortened(table.name().name() + "_" + String.join("_", columns) + "_idx"));
            Optional<Existing> same =
                    existing.stream().filter(index -> index.name().equals(name)).findFirst();
            if ((same.isPresent() && same.get().valid()) || (same.isEmpty() && isTaken(table, name))) {
                return Optional.of(new Reason(
                        Code.INVALID,
                        "name: " + name + " (must be free: something else in schema "
                                + table.name().schema() + " has it)"));
            }
            if (!dryRun) {
                if (same.isPresent()) {
                    session.run("DROP INDEX CONCURRENTLY "
                            + new RelationName(table.name().schema(), name).sql());
                }
                if (!create(table, name, columns, wanted.unique())) {
                    locked.add(table.name().table());
                    return Optional.empty();
                }
            }
            created.add(new EnsureIndexes.Index(name, table.name().table(), same.isPresent()));
            return Optional.empty();
        }

        private boolean isTaken(PostgresTable table, String name) throws SQLException {
            return session.first(
                            "SELECT true FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                                    + " WHERE n.nspname = ? AND c.relname = ?",
                            row -> row.getBoolean(1),
                            table.name().schema(),
                            name)
                    .isPresent();
        }

        /** Whether it could be created; false if others kept us from it by locks. */
        private boolean create(PostgresTable table, String name, List<String> columns, boolean unique)
                throws SQLException {
            if (table.isPartitioned()) {
                List<PostgresTable> leaves = session.rows(
                        "SELECT c.oid::int8, n.nspname, c.relname FROM pg_partition_tree(?::int8::oid::regclass) p"
                                + " JOIN pg_class c ON c.oid = p.relid JOIN pg_namespace n ON n.oid = c.relnamespace"
                                + " WHERE p.isleaf AND c.relkind = 'r'",
                        row -> new PostgresTable(
                                row.getLong(1), new RelationName(row.getString(2), row.getString(3)), "r"),
                        table.oid());
                for (PostgresTable leaf : leaves) {
                    boolean has = session.rows(SQL, Round::existing, leaf.oid()).stream()
                            .anyMatch(index -> index.serves(columns, unique)
                                    && index.columns().size() == columns.size());
                    String leafName = shortened(leaf.name().name() + "_" + String.join("_", columns) + "_idx");
                    if (!has && !build(leaf, leafName, columns, unique, " CONCURRENTLY")) {
                        return false;
                    }
                }
                return build(table, name, columns, unique, "");
            }
            return build(table, name, columns, unique, " CONCURRENTLY");
        }

        private boolean build(
                PostgresTable table, String name, List<String> columns, boolean unique, String concurrently)
                throws SQLException {
            String list = columns.stream().map(RelationName::quoted).collect(Collectors.joining(", "));
            try {
                session.run("CREATE " + (unique ? "UNIQUE " : "") + "INDEX" + concurrently + " "
                        + RelationName.quoted(name) + " ON " + table.name().sql() + " (" + list + ")");
                return true;
            } catch (SQLException e) {
                if (attempt.stop().isPresent()) {
                    session.finish();
                }
                if (!concurrently.isEmpty()) {
                    session.update("DROP INDEX CONCURRENTLY IF EXISTS "
                            + new RelationName(table.name().schema(), name).sql());
                }
                if (!LOCK_TIMEOUT.equals(e.getSQLState())) {
                    throw e;
                }
                return false;
            }
        }

        private static String shortened(String name) {
            String cut = name;
            while (cut.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
                cut = cut.substring(1);
            }
            return cut;
        }

        private static Existing existing(ResultSet row) throws SQLException {
            Array columns = row.getArray("columns");
            return new Existing(
                    row.getString("relname"),
                    row.getBoolean("indisvalid"),
                    row.getBoolean("indisunique"),
                    row.getBoolean("partial"),
                    List.of((String[]) columns.getArray()));
        }

        private Done partial(Stop stop, int at, int of) {
            String where = "after " + at + " of " + of + " indexes";
            return Done.partial(report(), Stopped.reason(stop, where), List.of(), measurements());
        }

        private EnsureIndexes.Report report() {
            return new EnsureIndexes.Report(List.copyOf(created), List.copyOf(present), List.copyOf(locked));
        }

        private List<Measurement> measurements() {
            return dryRun
                    ? List.of()
                    : List.of(Measurement.count("ensure_indexes_created", "indexes", (long) created.size(), Map.of()));
        }
    }
}
