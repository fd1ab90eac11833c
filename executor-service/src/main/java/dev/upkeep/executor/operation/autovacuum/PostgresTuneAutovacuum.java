package dev.upkeep.executor.operation.autovacuum;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.TuneAutovacuum;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.PostgresTable;
import dev.upkeep.executor.operation.postgres.RelationName;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Array;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Sets storage parameters of PostgreSQL tables where they differ from the wanted ones, one {@code ALTER TABLE} per table, which stops
 * neither readers nor writers. A partitioned table has none: its partitions get them. Each difference is a finding, so that drift is
 * seen.
 */
@ApplicationScoped
public class PostgresTuneAutovacuum implements Operation<TuneAutovacuum, PostgresDatabase> {
    private static final String LOCK_TIMEOUT = "55P03";
    private static final String TOAST = "toast.";
    private static final String SQL = """
            SELECT n.nspname, c.relname, c.reloptions, t.reloptions AS toast_options
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
            WHERE c.relkind IN ('r', 'm') AND c.oid = ANY (ARRAY(SELECT relid::oid FROM pg_partition_tree(?::int8::oid::regclass)
              UNION SELECT ?::int8::oid))
            ORDER BY 1, 2
            """;

    @Override
    public Class<TuneAutovacuum> task() {
        return TuneAutovacuum.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    private record Table(RelationName name, Map<String, String> options) {}

    @Override
    public Done perform(Order<TuneAutovacuum> order, PostgresDatabase database, Attempt attempt) throws SQLException {
        List<TuneAutovacuum.Change> changes = new ArrayList<>();
        List<TableName> locked = new ArrayList<>();
        List<Finding> findings = new ArrayList<>();
        int unchanged = 0;
        try (PostgresSession session = PostgresSession.open(database, order.command(), attempt)) {
            if (session.isStandby()) {
                return Done.rejected(PostgresSession.standby());
            }
            for (TuneAutovacuum.Tuning tuning : order.task().tables()) {
                long oid = PostgresTable.find(session, List.of(tuning.table()))
                        .get(0)
                        .oid();
                for (Table table : session.rows(SQL, PostgresTuneAutovacuum::table, oid, oid)) {
                    List<TuneAutovacuum.Change> drift = drift(table, tuning);
                    unchanged += tuning.parameters().size() - drift.size();
                    if (drift.isEmpty()) {
                        continue;
                    }
                    if (order.dryRun() || apply(session, table, drift)) {
                        changes.addAll(drift);
                        drift.forEach(change -> findings.add(finding(change, order.dryRun())));
                    } else {
                        locked.add(table.name().table());
                    }
                }
            }
        }
        TuneAutovacuum.Report report = new TuneAutovacuum.Report(changes, locked, unchanged);
        List<Measurement> measurements =
                List.of(Measurement.gauge("autovacuum_drift", "parameters", (long) changes.size()));
        if (changes.isEmpty() && !locked.isEmpty()) {
            return Done.contended(new Reason(Code.LOCK_TIMEOUT, "others hold locks on tables " + locked));
        }
        return changes.isEmpty()
                ? Done.nothing(report, findings, measurements)
                : Done.succeeded(report, findings, measurements);
    }

    private static List<TuneAutovacuum.Change> drift(Table table, TuneAutovacuum.Tuning tuning) {
        List<TuneAutovacuum.Change> drift = new ArrayList<>();
        new TreeMap<>(tuning.parameters()).forEach((name, value) -> {
            String before = table.options().getOrDefault(name, "");
            String after = value.equals("reset") ? "" : value;
            if (!same(before, after)) {
                drift.add(new TuneAutovacuum.Change(table.name().table(), name, before, after));
            }
        });
        return drift;
    }

    private static boolean same(String before, String after) {
        return canonical(before).equals(canonical(after));
    }

    private static String canonical(String value) {
        return switch (value) {
            case "on", "true" -> "true";
            case "off", "false" -> "false";
            default ->
                value.matches("-?[0-9.]+")
                        ? new java.math.BigDecimal(value).stripTrailingZeros().toPlainString()
                        : value;
        };
    }

    /** Whether it could be done; false if others hold a lock. */
    private static boolean apply(PostgresSession session, Table table, List<TuneAutovacuum.Change> drift)
            throws SQLException {
        String set = drift.stream()
                .filter(change -> !change.after().isEmpty())
                .map(change -> change.parameter() + " = " + change.after())
                .collect(Collectors.joining(", "));
        String reset = drift.stream()
                .filter(change -> change.after().isEmpty())
                .map(TuneAutovacuum.Change::parameter)
                .collect(Collectors.joining(", "));
        String statement = "ALTER TABLE " + table.name().sql() + (set.isEmpty() ? "" : " SET (" + set + ")")
                + (set.isEmpty() || reset.isEmpty() ? "" : ",") + (reset.isEmpty() ? "" : " RESET (" + reset + ")");
        try {
            session.run(statement);
            return true;
        } catch (SQLException e) {
            if (!LOCK_TIMEOUT.equals(e.getSQLState())) {
                throw e;
            }
            return false;
        }
    }

    private static Finding finding(TuneAutovacuum.Change change, boolean dryRun) {
        return new Finding(
                "autovacuum-drift",
                Severity.INFO,
                change.table().text(),
                change.parameter() + " = " + (change.before().isEmpty() ? "(not set)" : change.before()),
                change.after().isEmpty() ? "(not set)" : change.after(),
                "policy",
                dryRun
                        ? "Task tune-autovacuum would set it on table " + change.table() + "."
                        : "It was set on table " + change.table() + "; if it drifts again, find out who changes it.");
    }

    private static Table table(java.sql.ResultSet row) throws SQLException {
        Map<String, String> options = new HashMap<>();
        add(options, "", row.getArray("reloptions"));
        add(options, TOAST, row.getArray("toast_options"));
        return new Table(new RelationName(row.getString("nspname"), row.getString("relname")), options);
    }

    private static void add(Map<String, String> options, String prefix, @org.jspecify.annotations.Nullable Array array)
            throws SQLException {
        if (array == null) {
            return;
        }
        for (String option : (String[]) array.getArray()) {
            int at = option.indexOf('=');
            options.put(prefix + option.substring(0, at), option.substring(at + 1));
        }
    }
}
