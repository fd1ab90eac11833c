package dev.upkeep.executor.run;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.result.Progress;
import dev.upkeep.executor.publish.ProgressSink;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Tells the progress of one step, thinned out: what may come often is told at most once a second, and ever more rarely as the
 * step grows longer, so that even a step of days stays within a few hundred events. Used by one thread.
 */
final class Telling {
    private static final int MOST = 400;
    /** The gap is this part of the time gone by: some 340 events in 30 days. */
    private static final int SHARE = 30;

    private static final Duration LEAST_GAP = Duration.ofSeconds(1);

    private final ProgressSink publisher;
    private final Clock clock;
    private final Command command;
    private final int step;
    private final Instant since;
    private Instant last = Instant.EPOCH;
    private int told;
    private boolean isPauseTold;

    Telling(ProgressSink publisher, Clock clock, Command command, int step) {
        this.publisher = publisher;
        this.clock = clock;
        this.command = command;
        this.step = step;
        this.since = clock.instant();
    }

    void percent(double percent, Optional<Duration> timeLeft, String message) {
        double bounded = Double.isFinite(percent) ? Math.max(0, Math.min(100, percent)) : 0;
        thinned(Progress.Kind.PERCENT, Optional.of(bounded), timeLeft, message);
    }

    void say(Progress.Kind kind, String message) {
        boolean isTold = thinned(kind, Optional.empty(), Optional.empty(), message);
        isPauseTold |= isTold && kind == Progress.Kind.THROTTLED;
    }

    /** A pause that was told of is over; told as well, so that nobody takes it for lasting. */
    void relieved(String why, Duration after) {
        if (isPauseTold) {
            isPauseTold = false;
            publish(
                    Progress.Kind.THROTTLED,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of("goes on after a pause of " + Math.max(1, after.toSeconds()) + " s (" + why + ")"));
        }
    }

    private boolean thinned(Progress.Kind kind, Optional<Double> percent, Optional<Duration> timeLeft, String message) {
        Instant now = clock.instant();
        Duration gap = Duration.between(since, now).dividedBy(SHARE);
        if (told >= MOST || now.isBefore(last.plus(gap.compareTo(LEAST_GAP) > 0 ? gap : LEAST_GAP))) {
            return false;
        }
        last = now;
        told++;
        publish(kind, percent, timeLeft, Optional.of(message));
        return true;
    }

    /** What happens once or a few times in a step is always told. */
    void always(Progress.Kind kind, String message) {
        publish(kind, Optional.empty(), Optional.empty(), Optional.of(message));
    }

    private void publish(
            Progress.Kind kind, Optional<Double> percent, Optional<Duration> timeLeft, Optional<String> message) {
        publisher.tell(new Progress(
                command.id(),
                command.run(),
                command.database(),
                command.executor(),
                clock.instant(),
                kind,
                Optional.of(step),
                Optional.of(command.steps().get(step).task().name()),
                percent,
                timeLeft,
                message.map(InvalidValue::shown)));
    }
}
