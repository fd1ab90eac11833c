package dev.upkeep.executor.operation.migration;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.MigrationGuard;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.VerifiedBackups;
import dev.upkeep.executor.operation.postgres.FreeSpace;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.PostgresTable;
import dev.upkeep.executor.operation.postgres.RelationName;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Stands guard around a schema migration of a PostgreSQL database. Before, it only looks; what stands in the way makes it end as
 * rejected, so that a chain of tasks stops there. After, it analyzes what changed and validates constraints that are not yet
 * valid, which stops neither readers nor writers.
 */
@ApplicationScoped
public class PostgresMigrationGuard implements Operation<MigrationGuard, PostgresDatabase> {
    private static final Duration LONG_TRANSACTION = Duration.ofMinutes(1);
    private static final String OF_TABLES = " AND (cardinality(?::int8[]) = 0 OR c.oid::int8 = ANY (?::int8[])) ";
    private static final String TRANSACTIONS =
            "SELECT pid, coalesce(usename, '?'), coalesce(application_name, ''), coalesce(state, '?'),"
                    + " extract(epoch FROM clock_timestamp() - xact_start)::float8 FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
                    + " AND application_name NOT LIKE 'upkeep %' AND backend_type <> 'walsender'"
                    + " AND clock_timestamp() - xact_start > make_interval(secs => ?) ORDER BY xact_start";
    private static final String LOCKS =
            "SELECT DISTINCT n.nspname, c.relname, l.pid, l.mode, l.granted FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
                    + " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE l.pid <> pg_backend_pid() AND"
                    + PostgresTable.OF_APPLICATION + OF_TABLES
                    + "AND (NOT l.granted OR l.mode IN ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock',"
                    + " 'ShareLock')) ORDER BY 1, 2, 3";
    private static final String INVALID =
            "SELECT n.nspname, i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid ="
                    + " x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT x.indisvalid AND i.relkind = 'i' AND"
                    + " x.indexrelid NOT IN (SELECT index_relid FROM pg_stat_progress_create_index) AND"
                    + PostgresTable.OF_APPLICATION + OF_TABLES + "ORDER BY 1, 2";
    private static final String LARGEST =
            "SELECT coalesce(max(c.relpages::int8) * current_setting('block_size')::int, 0) FROM pg_class c JOIN pg_namespace n"
                    + " ON n.oid = c.relnamespace WHERE" + PostgresTable.OF_APPLICATION + OF_TABLES;
    private static final String MODIFIED =
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE"
                    + PostgresTable.OF_APPLICATION + OF_TABLES
                    + "AND c.relkind IN ('r', 'm') AND (pg_stat_get_mod_since_analyze(c.oid) > 0 OR"
                    + " coalesce(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)) IS NULL)"
                    + " ORDER BY 1, 2";
    private static final String NOT_VALID =
            "SELECT n.nspname, c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n"
                    + " ON n.oid = c.relnamespace WHERE NOT k.convalidated AND k.contype IN ('c', 'f') AND"
                    + PostgresTable.OF_APPLICATION + OF_TABLES + "ORDER BY 1, 2, 3";

    private final Optional<VerifiedBackups> backups;

    @Inject
    PostgresMigrationGuard(Instance<VerifiedBackups> backups) {
        this(backups.isResolvable() ? Optional.of(backups.get()) : Optional.empty());
    }

    /** Without CDI. */
    public PostgresMigrationGuard(Optional<VerifiedBackups> backups) {
        this.backups = backups;
    }

    @Override
    public Class<MigrationGuard> task() {
        return MigrationGuard.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<MigrationGuard> order, PostgresDatabase database, Attempt attempt) throws SQLException {
        MigrationGuard task = order.task();
        try (PostgresSession session = PostgresSession.open(database, order.command(), attempt)) {
            if (session.isStandby()) {
                return Done.rejected(PostgresSession.standby());
            }
            Long[] ids = PostgresTable.ids(PostgresTable.find(session, task.tables()));
            Guard guard = new Guard();
            if (task.phase() == MigrationGuard.Phase.BEFORE) {
                backup(task, database, guard);
                before(session, task, ids, guard);
                return guard.before();
            }
            after(session, ids, order.dryRun(), attempt, guard);
            return guard.after(order.dryRun());
        }
    }

    private void backup(MigrationGuard task, PostgresDatabase database, Guard guard) {
        if (task.backupWithin().isEmpty()) {
            return;
        }
        Duration within = task.backupWithin().get();
        Optional<Instant> newest = backups.flatMap(known -> known.newest(database.id()));
        boolean isRecent =
                newest.isPresent() && newest.get().isAfter(Instant.now().minus(within));
        guard.step("backup: "
                + newest.map(time -> "newest verified one is of " + time).orElse("no verified one"));
        if (!isRecent) {
            guard.obstacle(
                    new Reason(
                            Code.BACKUP_MISSING,
                            "backupWithin: " + within + " (no verified backup of " + database.id()
                                    + " is as recent; run task backup first)"),
                    database.id().text());
        }
    }

    private static void before(PostgresSession session, MigrationGuard task, Long[] ids, Guard guard)
            throws SQLException {
        double limit = task.longTransaction().orElse(LONG_TRANSACTION).toMillis() / 1000.0;
        List<String> transactions = session.rows(
                TRANSACTIONS,
                row -> "pid " + row.getInt(1) + " (" + row.getString(2) + ", " + row.getString(3) + ", "
                        + row.getString(4) + ", " + Math.round(row.getDouble(5)) + " s)",
                limit);
        guard.step("long transactions: " + transactions.size());
        transactions.forEach(one -> guard.obstacle(
                new Reason(
                        Code.SESSION_ACTIVE,
                        one + " has a transaction open for longer than " + limit
                                + " s, which the migration's locks would queue behind; end it first"),
                one));
        List<String> locks = session.rows(
                LOCKS,
                row -> new RelationName(row.getString(1), row.getString(2)) + " by pid " + row.getInt(3) + ", "
                        + row.getString(4) + (row.getBoolean(5) ? "" : " (waiting)"),
                ids,
                ids);
        guard.step("strong or waiting locks: " + locks.size());
        locks.forEach(one -> guard.obstacle(
                new Reason(Code.SESSION_ACTIVE, "lock on table " + one + " stands in the way; wait for it to end"),
                one));
        List<RelationName> invalid = session.rows(INVALID, PostgresMigrationGuard::name, ids, ids);
        guard.step("invalid indexes: " + invalid.size());
        invalid.forEach(guard::invalid);
        List<String> prepared = session.rows(
                "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()", row -> row.getString(1));
        guard.step("prepared transactions: " + prepared.size());
        prepared.forEach(gid -> guard.obstacle(
                new Reason(
                        Code.SESSION_ACTIVE,
                        "prepared transaction " + gid + " holds its locks; commit it or roll it back first"),
                gid));
        long largest = session.first(LARGEST, row -> row.getLong(1), ids, ids).orElse(0L);
        Optional<Long> free = FreeSpace.bytes(session);
        guard.step("disk: " + free.map(bytes -> bytes + " bytes free").orElse("cannot be seen from here")
                + ", largest table " + largest + " bytes");
        FreeSpace.problem(session, largest, "rewriting the largest table")
                .ifPresent(reason -> guard.obstacle(reason, "disk"));
    }

    private static void after(PostgresSession session, Long[] ids, boolean dryRun, Attempt attempt, Guard guard)
            throws SQLException {
        for (RelationName table : session.rows(MODIFIED, PostgresMigrationGuard::name, ids, ids)) {
            if (attempt.stop().isPresent()) {
                guard.stopped(attempt.stop().get());
                return;
            }
            if (!dryRun) {
                session.run("ANALYZE (SKIP_LOCKED) " + table.sql());
            }
            guard.step("analyzed " + table);
        }
        List<String[]> constraints = session.rows(
                NOT_VALID,
                row -> new String[] {new RelationName(row.getString(1), row.getString(2)).sql(), row.getString(3)},
                ids,
                ids);
        for (String[] constraint : constraints) {
            if (attempt.stop().isPresent()) {
                guard.stopped(attempt.stop().get());
                return;
            }
            validate(session, constraint[0], constraint[1], dryRun, guard);
        }
        session.rows(INVALID, PostgresMigrationGuard::name, ids, ids).forEach(guard::invalid);
    }

    private static void validate(PostgresSession session, String table, String constraint, boolean dryRun, Guard guard)
            throws SQLException {
        try {
            if (!dryRun) {
                session.run("ALTER TABLE " + table + " VALIDATE CONSTRAINT " + RelationName.quoted(constraint));
            }
            guard.step("validated constraint " + constraint + " of " + table);
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (!state.startsWith("23") && !state.equals("55P03")) {
                throw e;
            }
            guard.invalidConstraint(table, constraint, state.equals("55P03"));
        }
    }

    private static RelationName name(java.sql.ResultSet row) throws SQLException {
        return new RelationName(row.getString(1), row.getString(2));
    }
}
