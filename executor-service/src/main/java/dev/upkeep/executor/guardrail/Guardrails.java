package dev.upkeep.executor.guardrail;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.request.Glob;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Effect;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.wire.Durations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The limits of this executor. A refusal names the guardrail, what broke it, and the key that would allow it. Thread-safe.
 *
 * @param all for all databases
 * @param databases further limits by database; where they say something they win
 * @param stopFile while this file exists, nothing that writes begins, and what writes is stopped
 * @param requireSignature whether commands must be signed with a known key; stated here for people, checked at intake
 */
public record Guardrails(Rules all, Map<DatabaseId, Rules> databases, Path stopFile, boolean requireSignature) {
    private static final Set<String> DEFAULT_SCHEMAS = Set.of("public", "main");
    private static final Duration LEAST_KEEP = Duration.ofDays(1);
    private static final String KEY = "upkeep.guardrails.";

    public Guardrails {
        databases = Map.copyOf(databases);
    }

    /** Why the command is not accepted; empty if no guardrail is against it. */
    public Optional<Reason> refusal(Command command) {
        for (Step step : command.steps()) {
            Optional<Reason> refusal = refusal(command.database(), step.task());
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return Optional.empty();
    }

    /** Why the task is not accepted for this database; empty if no guardrail is against it. */
    public Optional<Reason> refusal(DatabaseId database, Task task) {
        Rules rules = of(database);
        return taskRefusal(rules, task.name())
                .or(() -> task.writes() ? stopped() : Optional.empty())
                .or(() -> task.effect() == Effect.DESTRUCTIVE ? tableRefusal(rules, task) : Optional.empty())
                .or(() -> keepRefusal(rules, task));
    }

    private Rules of(DatabaseId database) {
        return databases.getOrDefault(database, Rules.none()).over(all);
    }

    /** Why this kind of task is not accepted for this database, whatever its parameters. */
    public Optional<Reason> taskRefusal(DatabaseId database, String task) {
        return taskRefusal(of(database), task);
    }

    private static Optional<Reason> taskRefusal(Rules rules, String task) {
        if (rules.deniedTasks().contains(task)) {
            return broken("denied-tasks", task + " is denied on this executor");
        }
        if (rules.allowedTasks().isPresent() && !rules.allowedTasks().get().contains(task)) {
            return broken(
                    "allowed-tasks",
                    task + " is not among the allowed tasks: "
                            + String.join(", ", rules.allowedTasks().get()));
        }
        return Optional.empty();
    }

    /** Why nothing may be written at the moment; empty while there is no STOP file. Cheap enough to ask a few times a second. */
    public Optional<Reason> stopped() {
        return Files.exists(stopFile)
                ? broken("stop-file", "the file " + stopFile + " exists, so that nothing may be written here")
                : Optional.empty();
    }

    private static Optional<Reason> tableRefusal(Rules rules, Task task) {
        if (task.namedTables().isEmpty()
                && rules.allowedTasks()
                        .filter(tasks -> tasks.contains(task.name()))
                        .isEmpty()) {
            return broken(
                    "allowed-tasks",
                    task.name() + " removes or replaces more than named tables, and is only done here when " + KEY
                            + "allowed-tasks names it");
        }
        List<Glob> allowed = rules.tables().orElse(List.of());
        for (TableName table : task.namedTables()) {
            String name = plain(table.schema(), table.table());
            if (allowed.stream().noneMatch(glob -> new Glob(plain(glob.text())).matches(name))) {
                return broken(
                        "tables",
                        task.name() + " may not touch table " + table + "; destructive tasks are allowed on "
                                + (allowed.isEmpty()
                                        ? "no table here until " + KEY + "tables lists some"
                                        : allowed.stream().map(Glob::text).collect(Collectors.joining(", "))));
            }
        }
        return Optional.empty();
    }

    private static String plain(Optional<String> schema, String table) {
        return schema.isEmpty() || DEFAULT_SCHEMAS.contains(schema.get()) ? table : schema.get() + "." + table;
    }

    private static String plain(String pattern) {
        int dot = pattern.indexOf('.');
        return dot > 0 && DEFAULT_SCHEMAS.contains(pattern.substring(0, dot)) ? pattern.substring(dot + 1) : pattern;
    }

    private static Optional<Reason> keepRefusal(Rules rules, Task task) {
        Duration least = rules.leastKeep().orElse(LEAST_KEEP);
        Optional<Duration> shortest = task.shortestKeep();
        return shortest.isPresent() && shortest.get().compareTo(least) < 0
                ? broken(
                        "least-keep",
                        task.name() + " would remove data older than " + Durations.text(shortest.get())
                                + "; nothing younger than " + Durations.text(least) + " may be removed here")
                : Optional.empty();
    }

    private static Optional<Reason> broken(String guardrail, String what) {
        return Optional.of(new Reason(Code.GUARDRAIL, "guardrail " + guardrail + ": " + what));
    }

    /** All limits in words, by name, for the registration. */
    public Map<String, String> summary() {
        Map<String, String> summary = new TreeMap<>();
        describe(summary, "", all);
        databases.forEach((id, rules) -> describe(summary, id + " ", rules));
        summary.putIfAbsent("tables", "destructive tasks are allowed on no table");
        summary.putIfAbsent("least-keep", Durations.text(LEAST_KEEP));
        if (requireSignature) {
            summary.put("require-signature", "only signed commands are taken");
        }
        if (Files.exists(stopFile)) {
            summary.put("stop-file", stopFile + " exists: nothing that writes begins or goes on");
        }
        return summary;
    }

    private static void describe(Map<String, String> summary, String prefix, Rules rules) {
        rules.allowedTasks().ifPresent(tasks -> summary.put(prefix + "allowed-tasks", String.join(", ", tasks)));
        if (!rules.deniedTasks().isEmpty()) {
            summary.put(prefix + "denied-tasks", String.join(", ", rules.deniedTasks()));
        }
        rules.tables()
                .ifPresent(tables -> summary.put(
                        prefix + "tables", tables.stream().map(Glob::text).collect(Collectors.joining(", "))));
        rules.leastKeep().ifPresent(keep -> summary.put(prefix + "least-keep", Durations.text(keep)));
    }
}
