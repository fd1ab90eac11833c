package dev.upkeep.executor.operation.health;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.executor.operation.Done;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * One health check while it runs: judges values by the effective limits and collects findings, measurements and facts. Of one
 * check at most {@link #MOST} findings are kept, and a last one says how many there were. Used by one thread.
 */
public final class Examination {
    /** How many findings of one check are listed. */
    public static final int MOST = 20;

    private static final int FACT = 200;

    private final Thresholds thresholds;
    private final Set<String> looked = new HashSet<>();
    private final Map<String, List<Finding>> findings = new TreeMap<>();
    private final Map<String, Integer> dropped = new HashMap<>();
    private final List<Measurement> measurements = new ArrayList<>();
    private final Map<String, String> facts = new TreeMap<>();

    public Examination(Thresholds thresholds) {
        this.thresholds = thresholds;
    }

    /** The limits that this examination judges by. */
    public Thresholds thresholds() {
        return thresholds;
    }

    /** Notes that a check was made, though it had nothing to judge. */
    public void looked(CheckRule rule) {
        looked.add(rule.name());
    }

    /**
     * Judges a value; beyond a limit it becomes a finding.
     *
     * @param object the table, index, session or path; empty for the database as a whole
     * @param advice the next step, naming the object
     */
    public void judge(CheckRule rule, String object, double value, Supplier<String> advice) {
        looked(rule);
        Limits limits = thresholds.of(rule, object);
        limits.severityOf(value)
                .ifPresent(severity -> add(rule, severity, object, rule.unit().say(value), limits, advice.get()));
    }

    /**
     * Judges a value that only matters from some size on: both must be beyond their limits, and the milder of the two severities
     * counts.
     */
    public void judge(
            CheckRule rule, CheckRule floor, String object, double value, double size, Supplier<String> advice) {
        looked(rule);
        Limits limits = thresholds.of(rule, object);
        Optional<Severity> byValue = limits.severityOf(value);
        Optional<Severity> bySize = thresholds.of(floor, object).severityOf(size);
        if (byValue.isPresent() && bySize.isPresent()) {
            Severity severity = byValue.get().compareTo(bySize.get()) < 0 ? byValue.get() : bySize.get();
            String said = rule.unit().say(value) + ", " + floor.unit().say(size);
            add(rule, severity, object, said, limits, advice.get());
        }
    }

    /** Notes something worth knowing that no limit was passed for. */
    public void inform(CheckRule rule, String object, String value, String advice) {
        looked(rule);
        put(new Finding(rule.name(), Severity.INFO, object, value, "none", "built-in", advice));
    }

    /** Notes a state that is bad by itself, whatever the limits. */
    public void report(CheckRule rule, Severity severity, String object, String value, String wanted, String advice) {
        looked(rule);
        put(new Finding(rule.name(), severity, object, value, wanted, "built-in", advice));
    }

    /** Whether there is a finding of this check so far. */
    public boolean has(CheckRule rule) {
        return findings.containsKey(rule.name());
    }

    /** Adds a figure. */
    public void measure(Measurement measurement) {
        measurements.add(measurement);
    }

    /** Adds a fact for people, such as a version. */
    public void fact(String name, String value) {
        facts.put(name, value.length() > FACT ? value.substring(0, FACT) : InvalidValue.shown(value));
    }

    private void add(CheckRule rule, Severity severity, String object, String value, Limits limits, String advice) {
        Limits.Limit limit = limits.of(severity).or(() -> limits.critical()).orElseThrow();
        put(new Finding(rule.name(), severity, object, value, rule.unit().say(limit.value()), limit.origin(), advice));
    }

    private void put(Finding finding) {
        List<Finding> list = findings.computeIfAbsent(finding.check(), name -> new ArrayList<>());
        if (list.size() < MOST) {
            list.add(finding);
            return;
        }
        dropped.merge(finding.check(), 1, Integer::sum);
        int mildest = 0;
        for (int i = 1; i < list.size(); i++) {
            if (list.get(i).severity().compareTo(list.get(mildest).severity()) < 0) {
                mildest = i;
            }
        }
        if (list.get(mildest).severity().compareTo(finding.severity()) < 0) {
            list.set(mildest, finding);
        }
    }

    /** The end: worst findings first. */
    public Done done() {
        List<Finding> all = new ArrayList<>();
        findings.values().forEach(all::addAll);
        all.sort(Comparator.comparing(Finding::severity)
                .reversed()
                .thenComparing(Finding::check)
                .thenComparing(Finding::object));
        dropped.forEach((check, count) -> facts.put("more findings of " + check, "and " + count + " more"));
        int critical = count(all, Severity.CRITICAL);
        int warnings = count(all, Severity.WARNING);
        measurements.add(Measurement.gauge("health_findings", "count", critical, Map.of("severity", "critical")));
        measurements.add(Measurement.gauge("health_findings", "count", warnings, Map.of("severity", "warning")));
        return Done.succeeded(new HealthCheck.Report(looked.size(), critical, warnings, facts), all, measurements);
    }

    private static int count(List<Finding> all, Severity severity) {
        return (int) all.stream().filter(f -> f.severity() == severity).count();
    }
}
