package dev.upkeep.executor.operation.migration;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.MigrationGuard;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.postgres.RelationName;
import dev.upkeep.executor.operation.postgres.Stopped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a guard has seen and done so far. Used by one thread. */
final class Guard {
    private static final int TOLD = 100;

    private final List<String> steps = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private Optional<Reason> first = Optional.empty();
    private Optional<Reason> stopped = Optional.empty();

    /** Something looked at or done. */
    void step(String what) {
        if (steps.size() < TOLD) {
            steps.add(what);
        }
    }

    /** Something that the migration must wait for. */
    void obstacle(Reason reason, String object) {
        first = first.or(() -> Optional.of(reason));
        add(Severity.CRITICAL, object, reason.message());
    }

    /** An index that is invalid: no obstacle, but it will not get better by a migration. */
    void invalid(RelationName index) {
        add(Severity.WARNING, index.text(), "Index " + index + " is invalid: run task reindex on it, or drop it.");
    }

    /** A constraint that could not be validated. */
    void invalidConstraint(String table, String constraint, boolean isLocked) {
        add(
                isLocked ? Severity.WARNING : Severity.CRITICAL,
                constraint,
                isLocked
                        ? "Others hold locks on table " + table + "; run the guard again to validate it."
                        : "Rows of table " + table + " break constraint " + constraint
                                + ": find and mend them, then run the guard again.");
    }

    void stopped(Stop stop) {
        stopped = Optional.of(Stopped.reason(stop, "after " + steps.size() + " steps"));
    }

    private void add(Severity severity, String object, String advice) {
        if (findings.size() < TOLD) {
            findings.add(new Finding("migration-guard", severity, object, "found", "none", "built-in", advice));
        }
    }

    /** The verdict before a migration. */
    Done before() {
        MigrationGuard.Report report = new MigrationGuard.Report(first.isEmpty(), List.copyOf(steps));
        return first.isEmpty()
                ? Done.succeeded(report, findings, measurements())
                : new Done(Outcome.REJECTED, Optional.of(report), first, findings, measurements());
    }

    /** The state after a migration. */
    Done after(boolean dryRun) {
        MigrationGuard.Report report =
                new MigrationGuard.Report(findings.isEmpty() && stopped.isEmpty(), List.copyOf(steps));
        List<Measurement> measurements = dryRun ? List.of() : measurements();
        return stopped.isPresent()
                ? Done.partial(report, stopped.get(), findings, measurements)
                : Done.succeeded(report, findings, measurements);
    }

    private List<Measurement> measurements() {
        return List.of(Measurement.gauge("migration_guard_findings", "count", (long) findings.size()));
    }
}
