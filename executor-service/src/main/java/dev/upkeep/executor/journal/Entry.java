package dev.upkeep.executor.journal;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.result.TaskResult;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A command as the journal has it.
 *
 * @param seq the order of arrival
 * @param attempts how often it was begun
 * @param cancelled who cancelled it and why, in words
 * @param steps those that were begun, by position
 */
@SuppressWarnings("ArrayRecordComponent") // the bytes as they came; nobody changes or compares them
public record Entry(
        long seq,
        CommandId id,
        byte[] body,
        boolean isEnded,
        int attempts,
        Instant receivedAt,
        Optional<Instant> startedAt,
        Optional<String> cancelled,
        Optional<String> traceparent,
        List<Step> steps) {
    public Entry {
        steps = List.copyOf(steps);
    }

    /** How far a step is. */
    public enum State {
        /** Begun; found in a journal at start-up, it says that the executor died in its middle. */
        RUNNING,
        /** Left in good order, to be gone on with. */
        PAUSED,
        /** Done, with its result. */
        ENDED
    }

    /**
     * One step that was begun.
     *
     * @param attempts how often it was begun
     * @param crashes how often it was begun again after the executor had died in its middle
     * @param failures how often it failed in a way that may pass
     */
    public record Step(
            int position,
            State state,
            int attempts,
            int crashes,
            int failures,
            Instant startedAt,
            Optional<TaskResult> result,
            Optional<String> cursor) {}

    /** The step at this position, if it was begun. */
    public Optional<Step> step(int position) {
        return steps.stream().filter(step -> step.position() == position).findFirst();
    }
}
