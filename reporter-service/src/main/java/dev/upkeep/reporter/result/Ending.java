package dev.upkeep.reporter.result;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How one subject last ended on one database. A subject is a task ({@code task:backup}), a policy ({@code policy:nightly}), or
 * all requests together ({@code request}). Folding ends in any order gives the same: the newest end counts.
 *
 * @param nominalAt the newest nominal time of a policy's run
 * @param every the time between nominal times: the longest seen, forgotten by a sixteenth with each shorter one, so that a
 *     schedule of working days is not taken for a daily one
 * @param goodAt when it last ended well
 * @param partials how often in a row it ran out of time
 */
public record Ending(
        End last, Optional<Instant> nominalAt, Optional<Duration> every, Optional<Instant> goodAt, int partials) {

    /**
     * One end of one subject.
     *
     * @param started whether any task was begun or refused; if not, the command never got that far
     */
    public record End(
            String database,
            String subject,
            Outcome outcome,
            boolean started,
            Optional<Reason> reason,
            String command,
            String run,
            String executor,
            Instant at,
            Optional<Duration> took,
            Optional<Instant> nominalAt) {}

    static Ending first(End end) {
        return new Ending(
                end,
                end.nominalAt(),
                Optional.empty(),
                end.outcome().isGood() ? Optional.of(end.at()) : Optional.empty(),
                end.outcome() == Outcome.PARTIAL ? 1 : 0);
    }

    Ending then(End end) {
        return folded(end, !end.at().isBefore(last.at()));
    }

    /** The executor's word about a command of which only the scheduler had spoken. */
    Ending corrected(End end) {
        return folded(end, true);
    }

    private Ending folded(End end, boolean newer) {
        Optional<Instant> good = end.outcome().isGood() ? later(goodAt, Optional.of(end.at())) : goodAt;
        Optional<Duration> gap = nominalAt.isPresent()
                        && end.nominalAt().isPresent()
                        && end.nominalAt().get().isAfter(nominalAt.get())
                ? Optional.of(Duration.between(nominalAt.get(), end.nominalAt().get()))
                : Optional.empty();
        return new Ending(
                newer ? end : last,
                later(nominalAt, end.nominalAt()),
                gap.map(this::longest).or(() -> every),
                good,
                newer ? nextPartials(end.outcome()) : partials);
    }

    private Duration longest(Duration gap) {
        return every.filter(before -> before.compareTo(gap) > 0)
                .map(before -> before.minus(before.minus(gap).dividedBy(16)))
                .orElse(gap);
    }

    private int nextPartials(Outcome outcome) {
        if (outcome == Outcome.PARTIAL) {
            return partials + 1;
        }
        return outcome.isGood() ? 0 : partials;
    }

    private static Optional<Instant> later(Optional<Instant> a, Optional<Instant> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.or(() -> b);
        }
        return a.get().isAfter(b.get()) ? a : b;
    }
}
