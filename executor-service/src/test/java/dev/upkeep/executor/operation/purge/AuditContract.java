package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Condition;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Purges of the audit database of a pipeline engine, row by row against plain loops in memory: random runs around the cutoff, edges
 * between the nodes of different runs, a purge that is broken off, and all rows back from the archive.
 */
abstract class AuditContract {
    private static final int CASES = 20;
    private static final int RUNS = 25;

    @TempDir
    Path folder;

    abstract Site open(Path folder) throws Exception;

    /** A row: its key, its references, and whether it is a run that the rule takes. */
    private record Row(String table, int id, List<String> values, List<String> refers) {
        String name() {
            return table + " " + id;
        }
    }

    private static final List<String> TABLES = List.of(
            "runs",
            "rows",
            "nodes",
            "edges",
            "artifacts",
            "checkpoints",
            "token_outcomes",
            "tokens",
            "node_states",
            "routing_events");

    private final List<Row> rows = new ArrayList<>();
    private final Set<String> stale = new HashSet<>();
    private final Map<String, Integer> last = new TreeMap<>();

    private Row add(String table, String text, Row... refers) {
        int id = last.merge(table, 1, Integer::sum);
        List<String> values = new ArrayList<>(List.of(Integer.toString(id)));
        Arrays.stream(refers).forEach(row -> values.add(Integer.toString(row.id())));
        if (!text.isEmpty()) {
            values.addAll(Arrays.asList(text.split("\\|", -1)));
        }
        Row row =
                new Row(table, id, values, Arrays.stream(refers).map(Row::name).toList());
        rows.add(row);
        return row;
    }

    private void fill(Random random, Instant cutoff, boolean isConditional) {
        rows.clear();
        stale.clear();
        last.clear();
        List<Row> nodes = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            Instant at = switch (random.nextInt(6)) {
                case 0 -> cutoff;
                case 1 -> cutoff.minusNanos(1_000);
                case 2 -> cutoff.plusNanos(1_000);
                default -> cutoff.plusSeconds(random.nextInt(20_000_000) - 10_000_000L);
            };
            String status = List.of("completed", "failed", "running").get(random.nextInt(3));
            Row run = add("runs", at + "||" + status + "|{\"i\": " + i + "}");
            if (at.isBefore(cutoff) && !(isConditional && status.equals("running"))) {
                stale.add(run.name());
            }
            for (int n = random.nextInt(4); n > 0; n--) {
                nodes.add(add("nodes", "", run));
            }
            for (int n = nodes.isEmpty() ? 0 : random.nextInt(4); n > 0; n--) {
                add("edges", "", run, any(random, nodes), any(random, nodes));
            }
            for (int n = random.nextInt(4); n > 0; n--) {
                tokens(random, add("rows", "it's \"row\" " + n, run));
            }
            for (String table : List.of("artifacts", "checkpoints", "token_outcomes")) {
                for (int n = random.nextInt(3); n > 0; n--) {
                    add(table, "", run);
                }
            }
        }
    }

    private void tokens(Random random, Row row) {
        for (int n = random.nextInt(3); n > 0; n--) {
            Row token = add("tokens", "branch", row);
            for (int m = random.nextInt(3); m > 0; m--) {
                Row state = add("node_states", "", token);
                for (int k = random.nextInt(3); k > 0; k--) {
                    add("routing_events", "", state);
                }
            }
        }
    }

    private static Row any(Random random, List<Row> nodes) {
        return nodes.get(random.nextInt(nodes.size()));
    }

    private Set<String> doomed() {
        Set<String> doomed = new HashSet<>(stale);
        boolean isGrowing = true;
        while (isGrowing) {
            isGrowing = rows.stream()
                    .filter(row -> row.refers().stream().anyMatch(doomed::contains))
                    .map(row -> doomed.add(row.name()))
                    .reduce(false, Boolean::logicalOr);
        }
        return doomed;
    }

    private Map<String, List<String>> without(Set<String> gone) {
        Map<String, List<String>> contents = new TreeMap<>();
        TABLES.forEach(table -> contents.put(
                table,
                rows.stream()
                        .filter(row -> row.table().equals(table) && !gone.contains(row.name()))
                        .map(row -> String.join("|", row.values()))
                        .sorted()
                        .toList()));
        return contents;
    }

    private static Map<String, List<String>> actual(Site site) throws Exception {
        String time = site instanceof PostgresSite
                ? "replace(to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') || 'Z', '.000000Z', 'Z')"
                : "started_at";
        Map<String, List<String>> columns = Map.of(
                "runs", List.of("run_id", time, "completed_at", "status", "config"),
                "rows", List.of("row_id", "run_id", "body"),
                "nodes", List.of("node_id", "run_id"),
                "edges", List.of("edge_id", "run_id", "source", "target"),
                "artifacts", List.of("artifact_id", "run_id"),
                "checkpoints", List.of("checkpoint_id", "run_id"),
                "token_outcomes", List.of("outcome_id", "run_id"),
                "tokens", List.of("token_id", "row_id", "branch_name"),
                "node_states", List.of("state_id", "token_id"),
                "routing_events", List.of("event_id", "state_id"));
        Map<String, List<String>> contents = new TreeMap<>();
        for (Map.Entry<String, List<String>> table : columns.entrySet()) {
            String row = table.getValue().stream()
                    .map(column -> "coalesce(CAST(" + column + " AS TEXT), '')")
                    .collect(Collectors.joining(" || '|' || "));
            contents.put(
                    table.getKey(),
                    site.column("SELECT " + row + " FROM " + table.getKey()).stream()
                            .sorted()
                            .toList());
        }
        return contents;
    }

    private void insert(Site site) throws Exception {
        for (int i = TABLES.size() - 1; i >= 0; i--) {
            site.execute("DELETE FROM " + TABLES.get(i));
        }
        for (String table : TABLES) {
            String values = rows.stream()
                    .filter(row -> row.table().equals(table))
                    .map(row -> row.values().stream()
                            .map(value -> value.isEmpty() ? "NULL" : "'" + value.replace("'", "''") + "'")
                            .collect(Collectors.joining(", ", "(", ")")))
                    .collect(Collectors.joining(", "));
            if (!values.isEmpty()) {
                site.execute("INSERT INTO " + table + " VALUES " + values);
            }
        }
    }

    @Test
    void deletesExactlyTheRunsPastRetentionWithAllThatDependsOnThem() throws Exception {
        try (Site site = open(folder)) {
            AuditSchema.create(site);
            site.execute("CREATE INDEX edges_source ON edges (source)", "CREATE INDEX edges_target ON edges (target)");
            for (int number = 1; number <= CASES; number++) {
                Random random = new Random(number);
                Instant asOf = Site.AS_OF.minusSeconds(number);
                boolean isConditional = random.nextBoolean();
                fill(random, asOf.minus(Duration.ofDays(90)), isConditional);
                insert(site);
                site.with("batch-rows", random.nextBoolean() ? "7" : "10000");
                Optional<Purge.Archive> format = random.nextInt(4) == 0
                        ? Optional.empty()
                        : Optional.of(random.nextBoolean() ? Purge.Archive.CSV : Purge.Archive.JSON_LINES);
                Order<Purge> order = Site.order(purge(isConditional, format), asOf);
                Set<String> doomed = doomed();
                FreeAttempt attempt = new FreeAttempt().stopAfter(1 + random.nextInt(5));

                Done first = site.perform(order, attempt);
                Done done = site.perform(order, attempt.stopAfter(Integer.MAX_VALUE));

                assertThat(first.outcome()).isIn(Outcome.PARTIAL, Outcome.SUCCEEDED, Outcome.NOTHING_TO_DO);
                assertThat(done.outcome()).isIn(Outcome.SUCCEEDED, Outcome.NOTHING_TO_DO);
                assertThat(actual(site)).as("case %d", number).isEqualTo(without(doomed));
                Optional<String> receipt = Site.report(done).receipt();
                assertThat(receipt.isPresent()).isEqualTo(format.isPresent() && !doomed.isEmpty());
                if (receipt.isPresent()) {
                    site.restore(receipt.get());
                    assertThat(actual(site)).as("case %d", number).isEqualTo(without(Set.of()));
                }
            }
        }
    }

    private static Purge purge(boolean isConditional, Optional<Purge.Archive> format) {
        Condition ended =
                new Condition(ColumnName.parse("status"), Condition.Operator.IN, List.of("completed", "failed"));
        Purge.Rule runs = Site.rule("runs", "started_at");
        return new Purge(
                List.of(new Purge.Rule(
                        runs.table(),
                        runs.column(),
                        runs.keep(),
                        runs.format(),
                        isConditional ? List.of(ended) : List.of())),
                format,
                Optional.empty(),
                Optional.of(Purge.Pace.FAST),
                true,
                Optional.empty());
    }
}
