package dev.upkeep.scheduler.policy;

/** What to do with a database on which the policy's previous run has not ended when the next one fires. */
public enum Overlap {
    /** Leave it out of the new run. */
    SKIP,
    /** Let it wait for the end of the previous one, as long as it may still start. One waits at most; further ones skip it. */
    QUEUE,
    /** Cancel the previous one. */
    CANCEL
}
