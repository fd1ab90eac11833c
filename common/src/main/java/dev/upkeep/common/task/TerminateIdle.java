package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * PostgreSQL: ends sessions of this database that have been idle too long. What is known of each is in the report before
 * it is ended.
 *
 * @param idle sessions idle for longer than this; they stay if absent
 * @param idleInTransaction sessions idle inside a transaction for longer than this; they stay if absent
 * @param onlyAbove only when this share of the server's connections is taken; always if absent
 * @param most end at most so many, the longest idle first; 50 if absent
 * @param protect whose sessions stay in any case
 */
public record TerminateIdle(
        Optional<Duration> idle,
        Optional<Duration> idleInTransaction,
        Optional<Double> onlyAbove,
        Optional<Integer> most,
        Optional<Protect> protect)
        implements Task {
    public TerminateIdle {
        idle.ifPresent(time -> Check.positive("idle", time));
        idleInTransaction.ifPresent(time -> Check.positive("idleInTransaction", time));
        onlyAbove.ifPresent(share -> Check.share("onlyAbove", share));
        most.ifPresent(count -> Check.between("most", count, 1, 10_000));
        if (idle.isEmpty() && idleInTransaction.isEmpty()) {
            throw new InvalidValue("idle", "absent", "must be given, or idleInTransaction");
        }
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

    /** Who was ended, how many were spared by the protect list, and the share of connections taken before and after. */
    public record Report(
            List<EndedSession> sessions, int protectedSessions, double connectionsBefore, double connectionsAfter) {}
}
