package dev.upkeep.reporter.result;

import dev.upkeep.common.command.Origin;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.reporter.result.Ending.End;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads from messages what ended. Dry runs end nothing. */
public final class Ends {
    /** The subject under which all requests of a database come together. */
    public static final String REQUEST = "request";
    /** What the subject of a policy begins with. */
    public static final String POLICY = "policy:";
    /** What the subject of a task begins with. */
    public static final String TASK = "task:";

    private static final Set<Outcome> WITHOUT_RESULT = EnumSet.of(
            Outcome.SKIPPED,
            Outcome.REJECTED,
            Outcome.EXPIRED,
            Outcome.OUTSIDE_WINDOW,
            Outcome.OFFLINE,
            Outcome.CONTENDED);

    private Ends() {}

    /** The ends in a result: of its policy or request, and of each task. */
    public static List<End> of(Result result, Instant now) {
        List<End> ends = new ArrayList<>();
        if (result.dryRun()) {
            return ends;
        }
        Instant at = ResultRows.notAhead(result.endedAt(), now);
        ends.add(new End(
                result.database().text(),
                subject(result.origin()),
                result.outcome(),
                !result.tasks().isEmpty(),
                result.reasons().stream().findFirst(),
                result.command().text(),
                result.run().text(),
                result.executor().text(),
                at,
                result.startedAt().map(start -> atLeastZero(start, result.endedAt())),
                nominal(result)));
        for (TaskResult task : result.tasks()) {
            ends.add(new End(
                    result.database().text(),
                    TASK + task.task(),
                    task.outcome(),
                    true,
                    task.reason(),
                    result.command().text(),
                    result.run().text(),
                    result.executor().text(),
                    task.endedAt().map(ended -> ResultRows.notAhead(ended, now)).orElse(at),
                    task.startedAt().flatMap(start -> task.endedAt().map(end -> atLeastZero(start, end))),
                    nominal(result)));
        }
        return ends;
    }

    /** The ends that only the scheduler could state, since no executor answered or was asked. */
    public static List<End> of(RunState run, Instant now) {
        List<End> ends = new ArrayList<>();
        if (run.dryRun()) {
            return ends;
        }
        for (Target target : run.targets()) {
            Optional<Outcome> outcome = target.outcome().filter(WITHOUT_RESULT::contains);
            outcome.ifPresent(ended -> ends.add(new End(
                    target.database().text(),
                    subject(run.origin()),
                    ended,
                    false,
                    target.reasons().stream().findFirst(),
                    target.command().text(),
                    run.run().text(),
                    target.executor().text(),
                    ResultRows.notAhead(target.endedAt().orElse(run.at()), now),
                    Optional.empty(),
                    Optional.empty())));
        }
        return ends;
    }

    private static String subject(Origin origin) {
        return origin.kind() == Origin.Kind.POLICY ? POLICY + origin.name() : REQUEST;
    }

    /** Only runs that a schedule fired say how often something is meant to happen. */
    private static Optional<Instant> nominal(Result result) {
        return result.origin().kind() == Origin.Kind.POLICY
                        && result.run().text().contains("@")
                ? Optional.of(result.asOf())
                : Optional.empty();
    }

    private static Duration atLeastZero(Instant from, Instant to) {
        return from.isAfter(to) ? Duration.ZERO : Duration.between(from, to);
    }
}
