package dev.upkeep.common.task;

/** What a task may do; decides about queues, locks, holds and guardrails. */
public enum Effect {
    /** Reads only: runs beside anything else. */
    READ_ONLY,
    /** Changes how data is stored, not what it says: one at a time per database. */
    MUTATING,
    /** Removes or replaces data: one at a time per database, and refused under a hold. */
    DESTRUCTIVE
}
