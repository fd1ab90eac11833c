package dev.upkeep.scheduler.api;

import dev.upkeep.scheduler.policy.Policy;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Policies as the API shows them. */
final class PolicyView {
    private PolicyView() {}

    /** The policies in force, and what is wrong with the files as they are now. */
    public record All(List<Line> policies, List<String> errors) {}

    /** One policy in a list. */
    public record Line(
            String name,
            Optional<String> description,
            Optional<Instant> next,
            Optional<Instant> last,
            boolean paused) {}

    /** One policy with its next firings. */
    public record Detail(Policy policy, List<Instant> next, Optional<Instant> last, List<String> pauses) {}

    /**
     * What a policy, or a selection, would do now.
     *
     * @param targetsHash of all databases that would be worked on; a request that has it is rejected if they are others by then
     */
    public record Preview(
            List<Firing> firings, int databases, int refused, String targetsHash, List<Candidate> sample) {}

    /** A firing to come; without a start it would be skipped, since the window is closed then. */
    public record Firing(Instant at, Optional<Instant> startBy, Optional<Instant> finishBy) {}

    /** One database that is meant. */
    public record Candidate(
            String database, String executor, String engine, Optional<String> refusal, Optional<String> note) {}
}
