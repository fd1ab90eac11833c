package dev.upkeep.scheduler.run;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.run.Target;
import dev.upkeep.scheduler.fleet.Candidate;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A digest of the databases that a run works on and of their executors, by which a request can be bound to a preview. Databases
 * whose executor cannot do the tasks do not count; those that a hold or an earlier run keeps back for now do.
 */
public final class TargetsHash {
    private TargetsHash() {}

    /** Of those that a selector means. */
    public static String ofCandidates(List<Candidate> candidates) {
        return of(candidates.stream()
                .filter(candidate -> candidate.refusal().isEmpty())
                .map(candidate ->
                        line(candidate.database().id(), candidate.executor().executor())));
    }

    /** Of those that were frozen. */
    public static String ofTargets(List<Target> targets) {
        return of(targets.stream()
                .filter(target -> !target.outcome().equals(Optional.of(Outcome.REJECTED)))
                .map(target -> line(target.database(), target.executor())));
    }

    /** Neither id has a blank in it. */
    private static String line(Object database, Object executor) {
        return database + " " + executor;
    }

    private static String of(Stream<String> lines) {
        return Digest.of(lines.sorted().collect(Collectors.joining("\n")).getBytes(StandardCharsets.UTF_8));
    }
}
