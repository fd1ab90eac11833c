package dev.upkeep.executor.operation.integrity;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.IntegrityCheck;
import dev.upkeep.common.task.IntegrityCheck.Depth;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.sqlite.SqliteFigures;
import dev.upkeep.executor.operation.sqlite.SqliteSession;
import dev.upkeep.executor.operation.sqlite.SqliteTable;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks a SQLite file for damage and for rows without their parents. A large file that others have open is copied first, and the
 * copy is checked: a check reads all the while, which would keep the file's log from starting over. Damage is a finding, not a
 * failure.
 */
@ApplicationScoped
public class SqliteIntegrityCheck implements Operation<IntegrityCheck, SqliteDatabase> {
    private static final int MOST_FAULTS = 100;
    private static final int MOST_FINDINGS = 20;

    @Override
    public Class<IntegrityCheck> task() {
        return IntegrityCheck.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<IntegrityCheck> order, SqliteDatabase database, Attempt attempt)
            throws SQLException, IOException {
        Checking checking = new Checking(order.task(), database);
        try (SqliteSession session = SqliteSession.reading(database, attempt)) {
            List<SqliteTable> tables = SqliteTable.all(session);
            List<SqliteTable> chosen = new ArrayList<>();
            for (TableName name : order.task().tables()) {
                Optional<SqliteTable> table = SqliteTable.find(tables, name);
                if (table.isEmpty()) {
                    return Done.rejected(SqliteTable.missing("tables", name, database));
                }
                chosen.add(table.get());
            }
            SqliteFigures figures = SqliteFigures.of(session, database);
            if (HotCopy.isWanted(database, figures)) {
                attempt.progress(0, Optional.empty(), "copying, since others use the file");
                try (HotCopy copy = HotCopy.of(session, figures);
                        SqliteSession calm = SqliteSession.reading(copy.database(database), attempt)) {
                    checking.means.add("a copy, since others use the file");
                    checking.run(calm, chosen, attempt);
                }
            } else {
                checking.run(session, chosen, attempt);
            }
        } catch (SQLException e) {
            Optional<Stop> stop = attempt.stop();
            if (stop.isPresent()) {
                return SqliteSession.stopped(checking.done(), stop.get());
            }
            if (database.codeOf(e) != Code.CORRUPT) {
                throw e;
            }
            checking.damaged(String.valueOf(e.getMessage()));
        }
        return checking.done();
    }

    /** One check and what it found. */
    private static final class Checking {
        private final IntegrityCheck task;
        private final SqliteDatabase database;
        private final List<String> means = new ArrayList<>();
        private final List<Finding> findings = new ArrayList<>();
        private int objects;
        private int problems;

        Checking(IntegrityCheck task, SqliteDatabase database) {
            this.task = task;
            this.database = database;
        }

        void run(SqliteSession session, List<SqliteTable> chosen, Attempt attempt) throws SQLException {
            String check = task.depth().orElse(Depth.QUICK) == Depth.FULL ? "integrity_check" : "quick_check";
            means.add(check);
            if (chosen.isEmpty()) {
                objects = (int) session.number(
                        "SELECT count(*) FROM main.sqlite_schema WHERE type IN ('table', 'index') AND rootpage > 0");
                faults(session, "PRAGMA main." + check + "(" + MOST_FAULTS + ")", "");
            }
            for (SqliteTable table : chosen) {
                objects++;
                faults(session, "PRAGMA main." + check + "(" + SqliteTable.quoted(table.name()) + ")", table.name());
            }
            attempt.progress(80, Optional.empty(), "foreign keys");
            means.add("foreign_key_check");
            session.each(
                    "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2",
                    row -> orphans(row.getString(1), row.getString(2), row.getLong(3)));
        }

        private void faults(SqliteSession session, String pragma, String object) throws SQLException {
            session.each(pragma, row -> {
                String fault = row.getString(1);
                if (!"ok".equals(fault)) {
                    problems++;
                    add(Severity.CRITICAL, "integrity", object, fault, "ok", advice());
                }
            });
        }

        private void orphans(String table, String parent, long rows) {
            problems++;
            add(
                    Severity.WARNING,
                    "foreign-keys",
                    table + " to " + parent,
                    rows + " rows without their parent",
                    "0",
                    "see the rows with PRAGMA foreign_key_check, and turn PRAGMA foreign_keys on in the application");
        }

        void damaged(String message) {
            problems++;
            add(Severity.CRITICAL, "integrity", "", message, "ok", advice());
        }

        private String advice() {
            return "stop writing to " + database.file()
                    + ", keep a copy of it with -wal and -shm, and restore the last verified backup";
        }

        private void add(Severity severity, String check, String object, String value, String wanted, String advice) {
            if (findings.size() < MOST_FINDINGS) {
                findings.add(new Finding(check, severity, object, value, wanted, "built-in", advice));
            }
        }

        Done done() {
            return Done.succeeded(
                    new IntegrityCheck.Report(objects, problems, means),
                    findings,
                    List.of(
                            Measurement.gauge("integrity_checked", "objects", objects),
                            Measurement.gauge("integrity_problems", "count", problems)));
        }
    }
}
