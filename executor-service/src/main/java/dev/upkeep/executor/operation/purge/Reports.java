package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Stop;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes reports, findings and measurements of what a purge found and did. */
final class Reports {
    private static final double ROWS_PER_SECOND = 40_000;
    private static final double WORTH_A_VACUUM = 0.2;

    private final Plan plan;
    private final List<Session.Census> censuses;
    private final Execution execution;
    private final Map<TableName, Instant> oldestLeft = new LinkedHashMap<>();
    private final Instant now;

    Reports(Plan plan, List<Session.Census> censuses, Execution execution, Session session, boolean isSwept)
            throws SQLException {
        this.plan = plan;
        this.censuses = censuses;
        this.execution = execution;
        this.now = session.now();
        for (Branch branch : plan.branches()) {
            session.oldest(branch, isSwept && !branch.age().hasCondition())
                    .ifPresent(oldest -> oldestLeft.put(branch.root().name(), oldest));
        }
    }

    /** What would be done. */
    static Purge.Report planned(Plan plan, List<Session.Census> censuses, List<String> unmet, Purge task) {
        List<Purge.Table> tables = new ArrayList<>();
        long rows = 0;
        for (int i = 0; i < censuses.size(); i++) {
            Branch branch = plan.branches().get(i);
            Session.Census census = censuses.get(i);
            rows += census.all();
            for (TableName table : branch.tables().keySet()) {
                boolean isRoot = table.equals(branch.root().name());
                tables.add(new Purge.Table(
                        table,
                        census.rows().getOrDefault(table, 0L),
                        census.bytes().getOrDefault(table, 0L),
                        0,
                        isRoot ? Optional.of(branch.age().cutoff()) : Optional.empty(),
                        isRoot ? census.oldest() : Optional.empty(),
                        isRoot ? census.newest() : Optional.empty(),
                        Optional.empty()));
            }
        }
        List<String> warnings = new ArrayList<>(plan.warnings());
        warnings.addAll(unmet);
        double rate = ROWS_PER_SECOND
                / (task.pace().orElse(Purge.Pace.GENTLE) == Purge.Pace.GENTLE ? 2 : 1)
                / (task.archive().isPresent() ? 2 : 1);
        return new Purge.Report(
                plan.hash(),
                tables,
                warnings,
                plan.missingIndexes(),
                false,
                0,
                Optional.of(Duration.ofSeconds((long) Math.ceil(rows / rate))),
                Optional.empty());
    }

    Purge.Report report(boolean isComplete, Optional<String> receipt, List<String> late) {
        List<String> warnings = new ArrayList<>(plan.warnings());
        warnings.addAll(late);
        List<Purge.Table> tables = new ArrayList<>();
        for (int i = 0; i < censuses.size(); i++) {
            Branch branch = plan.branches().get(i);
            Session.Census census = censuses.get(i);
            for (TableName table : branch.tables().keySet()) {
                boolean isRoot = table.equals(branch.root().name());
                long rows = execution.deleted().getOrDefault(table.text(), 0L);
                tables.add(new Purge.Table(
                        table,
                        rows,
                        bytes(table, rows, census),
                        execution.archived().getOrDefault(table.text(), 0L),
                        isRoot ? Optional.of(branch.age().cutoff()) : Optional.empty(),
                        isRoot ? census.oldest() : Optional.empty(),
                        isRoot ? census.newest() : Optional.empty(),
                        isRoot ? Optional.ofNullable(oldestLeft.get(table)) : Optional.empty()));
            }
        }
        return new Purge.Report(
                plan.hash(),
                tables,
                warnings,
                plan.missingIndexes(),
                isComplete,
                execution.batches(),
                Optional.empty(),
                receipt);
    }

    private static long bytes(TableName table, long rows, Session.Census census) {
        long counted = census.rows().getOrDefault(table, 0L);
        return counted == 0 ? 0 : census.bytes().getOrDefault(table, 0L) * rows / counted;
    }

    List<Measurement> measurements(Duration took) {
        List<Measurement> measurements = new ArrayList<>();
        execution
                .deleted()
                .forEach((table, rows) ->
                        measurements.add(Measurement.count("purge_deleted", "rows", rows, Map.of("table", table))));
        execution
                .archived()
                .forEach((table, rows) ->
                        measurements.add(Measurement.count("purge_archived", "rows", rows, Map.of("table", table))));
        measurements.add(Measurement.gauge("purge_duration", "seconds", took.toNanos() / 1e9));
        measurements.add(Measurement.count("purge", "batches", execution.batches(), Map.of()));
        oldestLeft.forEach((table, oldest) -> measurements.add(Measurement.gauge(
                "oldest_record_age",
                "seconds",
                Duration.between(oldest, now).toMillis() / 1000.0,
                Map.of("table", table.text()))));
        return measurements;
    }

    /** What should be seen to: missing indexes, and a vacuum where much was freed. */
    List<Finding> findings() {
        List<Finding> findings = new ArrayList<>(findings(plan));
        for (int i = 0; i < censuses.size(); i++) {
            Table root = plan.branches().get(i).root();
            long total = censuses.get(i).total();
            long rows = execution.deleted().getOrDefault(root.name().text(), 0L);
            if (rows > WORTH_A_VACUUM * total && rows > 1_000) {
                findings.add(new Finding(
                        "purge-freed-space",
                        Severity.INFO,
                        root.name().text(),
                        100 * rows / total + " % of the rows",
                        "20 %",
                        "built-in",
                        "order a vacuum of " + root.name() + " so that the space of the deleted rows is used again"));
            }
        }
        return findings;
    }

    /** What the plan alone shows. */
    static List<Finding> findings(Plan plan) {
        return plan.missingIndexes().stream()
                .map(missing -> new Finding(
                        "foreign-key-without-index",
                        Severity.WARNING,
                        missing,
                        "no index",
                        "an index that begins with these columns",
                        "built-in",
                        "create an index on " + missing + ": each deleted parent reads the whole table"))
                .toList();
    }

    static List<Receipt.Shape> shapes(Plan plan) {
        Map<TableName, Table> tables = new LinkedHashMap<>();
        plan.branches().forEach(branch -> tables.putAll(branch.tables()));
        return tables.values().stream()
                .map(table -> new Receipt.Shape(table.name().text(), table.columns()))
                .toList();
    }

    static Reason reason(Stop stop) {
        return switch (stop) {
            case DEADLINE ->
                new Reason(Code.WINDOW_CLOSED, "out of time: the next command of this policy goes on from here");
            case CANCELLED -> new Reason(Code.CANCELLED, "cancelled: whole batches are deleted, the rest is as it was");
            case SHUTDOWN -> new Reason(Code.INTERRUPTED, "the executor stops: it goes on after its next start");
        };
    }
}
