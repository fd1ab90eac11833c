package dev.upkeep.bench.backup;

import java.util.List;

/**
 * How Upkeep's executor is run.
 *
 * @param jvm options of its JVM
 * @param rateLimit of the way that has one, as its configuration takes it
 */
record Variant(List<String> jvm, String rateLimit) {
    private static final String AT_RATE = "at rate";

    Variant {
        jvm = List.copyOf(jvm);
    }

    /** The pace's name for the way that is limited. */
    String atRate() {
        return AT_RATE;
    }

    /** Lines of {@code upkeep.backup} for a pace. */
    List<String> settings(String pace) {
        return pace.equals(AT_RATE) ? List.of("pace: gentle", "rate-limit: " + rateLimit) : List.of("pace: " + pace);
    }
}
