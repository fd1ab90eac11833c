package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import java.time.Duration;
import java.util.Optional;

/**
 * Puts rows of a task queue whose lease has run out back into the queue, or, when they were tried too often, into a dead state.
 *
 * @param table the queue
 * @param state the column that says whether a row waits or is leased
 * @param leased the state of rows under a lease
 * @param ready the state of rows that wait; what released rows get
 * @param expires the column that says when the lease runs out; null counts as not leased
 * @param format how that column's number or text is to be read; absent for columns of a time type
 * @param owner the column that names who holds the lease; set to null on release
 * @param grace how long after its end a lease is left alone; 5 minutes if absent
 * @param attempts the column that counts attempts
 * @param attemptLimit rows with at least so many attempts get the state {@code dead}
 * @param dead the state of rows that were tried too often; wanted with attemptLimit
 */
public record ReleaseLeases(
        TableName table,
        ColumnName state,
        String leased,
        String ready,
        ColumnName expires,
        Optional<Purge.TimeFormat> format,
        Optional<ColumnName> owner,
        Optional<Duration> grace,
        Optional<ColumnName> attempts,
        Optional<Integer> attemptLimit,
        Optional<String> dead)
        implements Task {
    public ReleaseLeases {
        Check.present("table", table);
        Check.present("state", state);
        Check.line("leased", leased, 200);
        Check.line("ready", ready, 200);
        Check.present("expires", expires);
        grace.ifPresent(time -> Check.positive("grace", time));
        attemptLimit.ifPresent(limit -> Check.between("attemptLimit", limit, 1, 1_000_000));
        dead.ifPresent(text -> Check.line("dead", text, 200));
        if (leased.equals(ready)) {
            throw new InvalidValue("ready", ready, "must differ from leased");
        }
        if (attempts.isPresent() != attemptLimit.isPresent() || attempts.isPresent() != dead.isPresent()) {
            throw new InvalidValue(
                    "attempts", attempts.toString(), "must come with attemptLimit and dead, or not at all");
        }
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

    /** Rows found with a lease that has run out; of these put back, and given up. */
    public record Report(long expired, long released, long dead) {}
}
