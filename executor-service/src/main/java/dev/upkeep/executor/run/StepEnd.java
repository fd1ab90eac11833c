package dev.upkeep.executor.run;

import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.TaskResult;
import java.time.Duration;

/** How one try at one step ended. */
sealed interface StepEnd {
    /** It has its result. */
    record Ended(TaskResult result) implements StepEnd {}

    /** It failed in a way that may pass. */
    record Again(Reason reason, Duration pause) implements StepEnd {}

    /** It was left in good order, since the executor stops. */
    record Left() implements StepEnd {}
}
