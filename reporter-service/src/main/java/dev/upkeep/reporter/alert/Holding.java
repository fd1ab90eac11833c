package dev.upkeep.reporter.alert;

import dev.upkeep.common.Sha256;
import dev.upkeep.common.result.Severity;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Something that a rule watches for and that holds now.
 *
 * @param labels what tells it apart from others of the same rule on the same database and executor
 * @param severity over the rule's own, if it depends on what was found
 * @param explained whether a pause, blackout or hold explains it
 */
record Holding(
        Optional<String> database,
        Optional<String> executor,
        Map<String, String> labels,
        Text text,
        Optional<Severity> severity,
        boolean explained) {

    /** What people read: one line, and what to do. */
    record Text(String summary, String description) {}

    static Holding onDatabase(String database, Map<String, String> labels, String summary, String description) {
        return new Holding(
                Optional.of(database),
                Optional.empty(),
                labels,
                new Text(summary, description),
                Optional.empty(),
                false);
    }

    Holding withSeverity(Severity given) {
        return new Holding(database, executor, labels, text, Optional.of(given), explained);
    }

    Holding explainedIf(boolean is) {
        return new Holding(database, executor, labels, text, severity, is);
    }

    /** The same for every time this rule finds this: 32 hexadecimal digits. */
    String fingerprint(String rule) {
        String key =
                String.join("\n", rule, database.orElse(""), executor.orElse(""), new TreeMap<>(labels).toString());
        return Sha256.hex(key).substring(0, 32);
    }
}
