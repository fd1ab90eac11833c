package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * PostgreSQL: cancels statements of this database that have been running too long; only if told to, ends the sessions of those
 * that go on regardless.
 *
 * @param activeFor statements running for longer than this
 * @param terminateAfter end the session when the statement still runs so long after it was cancelled; never if absent
 * @param most at most so many, the longest first; 20 if absent
 * @param protect whose sessions stay in any case
 */
public record CancelQueries(
        Duration activeFor, Optional<Duration> terminateAfter, Optional<Integer> most, Optional<Protect> protect)
        implements Task {
    public CancelQueries {
        Check.positive("activeFor", activeFor);
        terminateAfter.ifPresent(time -> Check.positive("terminateAfter", time));
        most.ifPresent(count -> Check.between("most", count, 1, 10_000));
    }

    @Override
    public boolean isUrgent() {
        return true;
    }

    @Override
    public Effect effect() {
        return Effect.MUTATING;
    }

    @Override
    public boolean isHeavy() {
        return false;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** Whose statements were cancelled or sessions ended, and how many were spared by the protect list. */
    public record Report(List<EndedSession> sessions, int protectedSessions) {}
}
