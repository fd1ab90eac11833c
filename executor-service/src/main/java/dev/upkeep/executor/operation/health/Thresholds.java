package dev.upkeep.executor.operation.health;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.HealthCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Works out the effective limits for one database: built-in, then the executor's for all, the executor's for this database,
 * the policy's. On each level a key is a check's name, or {@code name@table} for one table, which goes before the name alone
 * on any level. Warning and critical are looked up each for itself.
 */
public final class Thresholds {
    /** The names of all checks on all engines, so that one policy can set limits for a mixed fleet. */
    private static final Set<String> KNOWN = Stream.concat(PostgresChecks.ALL.stream(), SqliteChecks.ALL.stream())
            .map(CheckRule::name)
            .collect(Collectors.toCollection(TreeSet::new));

    private final List<Level> levels;

    private record Level(String origin, Map<String, HealthCheck.Limits> limits) {}

    private Thresholds(List<Level> levels) {
        this.levels = List.copyOf(levels);
    }

    /** The levels that count for this task on this database. */
    public static Thresholds of(HealthCheck task, ExecutorThresholds executor, DatabaseId database) {
        return new Thresholds(List.of(
                new Level("policy", task.thresholds()),
                new Level("executor, for this database", executor.databases().getOrDefault(database, Map.of())),
                new Level("executor", executor.all())));
    }

    /** Why the task cannot be done: it names a check that no engine has. Empty if it is fine. */
    public static Optional<String> problem(HealthCheck task) {
        return unknown(task.thresholds().keySet())
                .map(name -> "thresholds: " + name + " (must be one of the checks " + String.join(", ", KNOWN) + ")");
    }

    /** A key that names no check. */
    static Optional<String> unknown(Set<String> keys) {
        return keys.stream().filter(key -> !KNOWN.contains(check(key))).sorted().findFirst();
    }

    private static String check(String key) {
        int at = key.indexOf('@');
        return at < 0 ? key : key.substring(0, at);
    }

    /** The limits for the database as a whole. */
    public Limits of(CheckRule rule) {
        return new Limits(rule, find(rule, Severity.WARNING, ""), find(rule, Severity.CRITICAL, ""));
    }

    /** The limits for one table, named as findings name it. */
    public Limits of(CheckRule rule, String table) {
        return new Limits(rule, find(rule, Severity.WARNING, table), find(rule, Severity.CRITICAL, table));
    }

    /** The mildest limit of any table or the database: what a query may leave out for good. */
    public Optional<Double> mildest(CheckRule rule) {
        List<Double> values = new ArrayList<>();
        Limits plain = of(rule);
        plain.warning().ifPresent(limit -> values.add(limit.value()));
        plain.critical().ifPresent(limit -> values.add(limit.value()));
        for (Level level : levels) {
            level.limits().forEach((key, limits) -> {
                if (key.startsWith(rule.name() + "@")) {
                    limits.warning().ifPresent(values::add);
                    limits.critical().ifPresent(values::add);
                }
            });
        }
        return rule.bad() == CheckRule.Side.ABOVE
                ? values.stream().min(Double::compare)
                : values.stream().max(Double::compare);
    }

    /** The checks whose limits somebody set, in words, by name. */
    public Map<String, String> overridden(List<CheckRule> rules) {
        return rules.stream()
                .filter(rule -> levels.stream().anyMatch(level -> level.limits().containsKey(rule.name())))
                .collect(Collectors.toMap(CheckRule::name, rule -> of(rule).inWords()));
    }

    private Optional<Limits.Limit> find(CheckRule rule, Severity severity, String table) {
        return (table.isEmpty()
                        ? Optional.<Limits.Limit>empty()
                        : onLevels(rule.name() + "@" + table, severity, ", for this table"))
                .or(() -> onLevels(rule.name(), severity, ""))
                .or(() -> rule.builtIn(severity).map(value -> new Limits.Limit(value, "built-in")));
    }

    private Optional<Limits.Limit> onLevels(String key, Severity severity, String suffix) {
        for (Level level : levels) {
            HealthCheck.Limits limits = level.limits().get(key);
            Optional<Double> value = limits == null
                    ? Optional.empty()
                    : severity == Severity.CRITICAL ? limits.critical() : limits.warning();
            if (value.isPresent()) {
                return Optional.of(new Limits.Limit(value.get(), level.origin() + suffix));
            }
        }
        return Optional.empty();
    }
}
