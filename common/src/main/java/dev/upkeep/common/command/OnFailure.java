package dev.upkeep.common.command;

/** What becomes of the tasks after one that did not end well. */
public enum OnFailure {
    /** They are not done. */
    STOP,
    /** They are done all the same. */
    CONTINUE
}
