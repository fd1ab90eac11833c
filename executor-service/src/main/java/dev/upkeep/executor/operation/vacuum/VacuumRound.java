package dev.upkeep.executor.operation.vacuum;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.postgres.FreeSpace;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import dev.upkeep.executor.operation.postgres.RelationName;
import dev.upkeep.executor.operation.postgres.Stopped;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One walk over the chosen tables, with what is known before and after each. Used by one thread. */
final class VacuumRound {
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final int LOOKS = 5;
    private static final int SHARED_MEMORY_STATISTICS = 150_000;
    private static final int MEASURED = 20;
    private static final long HELD_BACK_FROM = 1_000;

    private final PostgresSession session;
    private final Attempt attempt;
    private final Vacuum task;
    private final Vacuum.Mode mode;
    private final boolean isLate;
    private final List<Vacuum.Table> vacuumed = new ArrayList<>();
    private final List<TableName> locked = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private final List<Measurement> measurements = new ArrayList<>();
    private long bytesBefore;
    private long bytesAfter;
    private long removed;

    VacuumRound(PostgresSession session, Attempt attempt, Vacuum task, Vacuum.Mode mode) throws SQLException {
        this.session = session;
        this.attempt = attempt;
        this.task = task;
        this.mode = mode;
        this.isLate = session.version() < SHARED_MEMORY_STATISTICS;
    }

    /** Notes a table that is left alone because of a lock. */
    void locked(RelationName name) {
        locked.add(name.table());
        findings.add(new Finding(
                "vacuum-locked",
                Severity.INFO,
                name.text(),
                "locked",
                "no lock held by others",
                "built-in",
                "Another session holds a lock on table " + name + "; it is tried again at the next run."));
    }

    /** What would be done. */
    Done planned(List<VacuumTarget> chosen) throws SQLException {
        for (VacuumTarget table : chosen) {
            vacuumed.add(
                    new Vacuum.Table(table.name().table(), table.bytes(), table.bytes(), table.dead(), table.dead()));
            bytesBefore += table.bytes();
        }
        bytesAfter = bytesBefore;
        if (mode == Vacuum.Mode.FULL) {
            for (VacuumTarget table : chosen) {
                Optional<Reason> reason = tooLarge(table);
                if (reason.isPresent()) {
                    return Done.rejected(reason.get(), report());
                }
            }
        }
        return chosen.isEmpty()
                ? Done.nothing(report(), findings, List.of())
                : Done.succeeded(report(), findings, List.of());
    }

    /** Does it. */
    Done done(List<VacuumTarget> chosen, PostgresSession watcher) throws SQLException {
        int at = 0;
        for (VacuumTarget table : chosen) {
            Optional<Stop> stop = attempt.stop();
            if (stop.isPresent()) {
                return partial(stop.get(), at, chosen.size());
            }
            Optional<Reason> reason = mode == Vacuum.Mode.FULL ? tooLarge(table) : Optional.empty();
            if (reason.isPresent()) {
                return vacuumed.isEmpty()
                        ? Done.rejected(reason.get(), report())
                        : Done.partial(report(), reason.get(), findings, measurements());
            }
            try {
                vacuum(table, new VacuumProgress(watcher, attempt, table, at, chosen.size()));
            } catch (SQLException e) {
                Optional<Stop> broken = attempt.stop();
                if (broken.isEmpty() || !PostgresSession.isBrokenOff(e)) {
                    throw e;
                }
                return partial(broken.get(), at, chosen.size());
            }
            at++;
            if (mode != Vacuum.Mode.AUTO) {
                attempt.saveCursor(Long.toString(table.oid()));
            }
        }
        if (vacuumed.isEmpty() && !locked.isEmpty() && chosen.size() + locked.size() > 0) {
            return Done.contended(
                    new Reason(Code.LOCK_TIMEOUT, "others hold locks on all tables to be vacuumed: " + locked));
        }
        return vacuumed.isEmpty()
                ? Done.nothing(report(), findings, measurements())
                : Done.succeeded(report(), findings, measurements());
    }

    private void vacuum(VacuumTarget table, VacuumProgress progress) throws SQLException {
        long start = System.nanoTime();
        List<PostgresSession.Notice> notices = progress.during(() -> session.run(statement(table)));
        Optional<PostgresSession.Notice> skipped =
                notices.stream().filter(PostgresSession.Notice::isSkipped).findFirst();
        if (skipped.isPresent() && skipped.get().isLocked()) {
            locked(table.name());
            return;
        }
        if (skipped.isPresent()) {
            refused(table, skipped.get());
            return;
        }
        VacuumTarget after = after(table);
        bytesBefore += table.bytes();
        bytesAfter += after.bytes();
        removed += Math.max(0, table.dead() - after.dead());
        vacuumed.add(new Vacuum.Table(table.name().table(), table.bytes(), after.bytes(), table.dead(), after.dead()));
        measure(after);
        if (after.dead() >= HELD_BACK_FROM && after.dead() > table.dead() / 2) {
            heldBack(after);
        }
        attempt.yieldToApplication(Duration.ofNanos(System.nanoTime() - start), PAUSE);
    }

    private String statement(VacuumTarget table) {
        List<String> options = new ArrayList<>(List.of("SKIP_LOCKED"));
        if (task.analyze()) {
            options.add("ANALYZE");
        }
        if (mode == Vacuum.Mode.FREEZE) {
            options.add("FREEZE");
        }
        if (mode == Vacuum.Mode.FULL) {
            options.add("FULL");
        }
        return "VACUUM (" + String.join(", ", options) + ") " + table.name().sql();
    }

    private VacuumTarget after(VacuumTarget table) throws SQLException {
        VacuumTarget after = now(table);
        // before version 15 statistics arrive some time after the statement that changed them
        for (int i = 0;
                i < LOOKS && after.dead() > 0 && isLate && attempt.stop().isEmpty();
                i++) {
            attempt.yieldToApplication(Duration.ZERO, LOOK);
            after = now(table);
        }
        return after;
    }

    private VacuumTarget now(VacuumTarget table) throws SQLException {
        return session.first(
                        "SELECT pg_total_relation_size(c.oid), pg_stat_get_live_tuples(c.oid), pg_stat_get_dead_tuples(c.oid)"
                                + " FROM pg_class c WHERE c.oid = ?::int8::oid",
                        row -> new VacuumTarget(
                                table.name(), table.oid(), row.getLong(1), row.getLong(2), row.getLong(3), table.age()),
                        table.oid())
                .orElse(table);
    }

    private void measure(VacuumTarget after) {
        if (vacuumed.size() <= MEASURED) {
            Map<String, String> labels = Map.of("table", after.name().text());
            measurements.add(Measurement.gauge("table_size", "bytes", after.bytes(), labels));
            measurements.add(Measurement.gauge("table_dead", "rows", after.dead(), labels));
        }
    }

    private void refused(VacuumTarget table, PostgresSession.Notice notice) {
        findings.add(new Finding(
                "vacuum-refused",
                Severity.WARNING,
                table.name().text(),
                notice.message(),
                "the right to vacuum it",
                "built-in",
                "Make Upkeep's role a member of the owner of table " + table.name() + ", or from PostgreSQL 17 on:"
                        + " GRANT MAINTAIN ON " + table.name().sql() + " TO it."));
    }

    private void heldBack(VacuumTarget after) {
        findings.add(new Finding(
                "vacuum-held-back",
                Severity.WARNING,
                after.name().text(),
                after.dead() + " dead rows remain",
                "fewer than " + HELD_BACK_FROM,
                "built-in",
                "An old snapshot, prepared transaction or replication slot keeps the dead rows of table " + after.name()
                        + "; task health-check names it (xmin-horizon). Vacuum again when it is gone."));
    }

    /** VACUUM FULL writes the table anew beside the old one. */
    private Optional<Reason> tooLarge(VacuumTarget table) throws SQLException {
        return FreeSpace.problem(session, table.bytes(), "mode: full (rewriting table " + table.name() + ")");
    }

    private Done partial(Stop stop, int at, int of) {
        return Done.partial(
                report(), Stopped.reason(stop, "after " + at + " of " + of + " tables"), findings, measurements());
    }

    private Vacuum.Report report() {
        return new Vacuum.Report(bytesBefore, bytesAfter, List.copyOf(vacuumed), List.copyOf(locked));
    }

    private List<Measurement> measurements() {
        List<Measurement> all = new ArrayList<>(measurements);
        all.add(Measurement.count("vacuum_done", "tables", vacuumed.size(), Map.of()));
        all.add(Measurement.count("vacuum_removed", "rows", removed, Map.of()));
        all.add(Measurement.count("vacuum_freed", "bytes", Math.max(0, bytesBefore - bytesAfter), Map.of()));
        return all;
    }
}
