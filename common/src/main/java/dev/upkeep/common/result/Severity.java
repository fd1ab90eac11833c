package dev.upkeep.common.result;

/** How much a finding matters; ordered from least to most. */
public enum Severity {
    /** Worth knowing. */
    INFO,
    /** Should be seen to soon. */
    WARNING,
    /** Must be seen to now. */
    CRITICAL
}
