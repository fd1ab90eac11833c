package dev.upkeep.scheduler.run;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.run.Target;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How many databases of a run, or of one part of it, are how far.
 *
 * @param failures those that were sent and did not end well; what was left alone on purpose does not count
 */
public record Tally(int planned, int sent, Map<Outcome, Integer> ended, int failures) {
    static Tally of(List<Target> targets) {
        int planned = 0;
        int sent = 0;
        int failures = 0;
        EnumMap<Outcome, Integer> ended = new EnumMap<>(Outcome.class);
        for (Target target : targets) {
            switch (target.status()) {
                case PLANNED -> planned++;
                case SENT -> sent++;
                case ENDED -> {
                    Outcome outcome = target.outcome().orElseThrow();
                    ended.merge(outcome, 1, Integer::sum);
                    failures += target.sentAt().isPresent() && isFailure(outcome) ? 1 : 0;
                }
            }
        }
        return new Tally(planned, sent, Collections.unmodifiableMap(ended), failures);
    }

    static Tally sum(List<Tally> tallies) {
        int planned = 0;
        int sent = 0;
        int failures = 0;
        EnumMap<Outcome, Integer> ended = new EnumMap<>(Outcome.class);
        for (Tally tally : tallies) {
            planned += tally.planned();
            sent += tally.sent();
            failures += tally.failures();
            tally.ended().forEach((outcome, count) -> ended.merge(outcome, count, Integer::sum));
        }
        return new Tally(planned, sent, Collections.unmodifiableMap(ended), failures);
    }

    /** Databases over all. */
    public int databases() {
        return planned + sent + endedInAll();
    }

    /** Those that have not ended. */
    public int open() {
        return planned + sent;
    }

    /** Those that ended, however. */
    public int endedInAll() {
        return ended.values().stream().mapToInt(Integer::intValue).sum();
    }

    static boolean isFailure(Outcome outcome) {
        return switch (outcome) {
            case FAILED, INTERRUPTED, OFFLINE, EXPIRED, CONTENDED, OUTSIDE_WINDOW, REJECTED -> true;
            case SUCCEEDED, NOTHING_TO_DO, PARTIAL, SKIPPED, CANCELLED -> false;
        };
    }
}
