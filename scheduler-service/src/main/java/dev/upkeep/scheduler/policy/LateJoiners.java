package dev.upkeep.scheduler.policy;

/** What becomes of a database that registers after a firing has frozen its databases, while commands of that firing may still start. */
public enum LateJoiners {
    /** It waits for the next firing. */
    IGNORE,
    /** It gets a run of its own, with the times of that firing. */
    RUN
}
