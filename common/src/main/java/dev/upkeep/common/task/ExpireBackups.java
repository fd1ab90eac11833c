package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Removes backups that no rule keeps. A backup stays if any rule keeps it; the newest verified one of each kind always stays,
 * and so do those under a hold. Days, weeks (from Monday) and months are those of UTC.
 *
 * @param last the newest so many verified ones
 * @param daily the newest of each of the last so many days that have one
 * @param weekly the newest of each of the last so many weeks that have one
 * @param monthly the newest of each of the last so many months that have one
 * @param within all that are younger than this
 * @param minimum at least so many verified ones, whatever the other rules say; 1 if absent
 */
public record ExpireBackups(
        Optional<Integer> last,
        Optional<Integer> daily,
        Optional<Integer> weekly,
        Optional<Integer> monthly,
        Optional<Duration> within,
        Optional<Integer> minimum)
        implements Task {
    private static final int MOST = 10_000;

    public ExpireBackups {
        last.ifPresent(count -> Check.between("last", count, 1, MOST));
        daily.ifPresent(count -> Check.between("daily", count, 1, MOST));
        weekly.ifPresent(count -> Check.between("weekly", count, 1, MOST));
        monthly.ifPresent(count -> Check.between("monthly", count, 1, MOST));
        within.ifPresent(age -> Check.positive("within", age));
        minimum.ifPresent(count -> Check.between("minimum", count, 1, MOST));
        if (Stream.of(last, daily, weekly, monthly, within).allMatch(Optional::isEmpty)) {
            throw new InvalidValue("expire-backups", "{}", "must give last, daily, weekly, monthly or within");
        }
    }

    @Override
    public Effect effect() {
        return Effect.DESTRUCTIVE;
    }

    @Override
    public boolean isHeavy() {
        return false;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /**
     * What was kept and removed, or with a dry run what would be, each with the reason.
     *
     * @param planHash over what is to be removed; a later command can be bound to it
     */
    public record Report(String planHash, int kept, int removed, long bytesFreed, List<Decision> decisions) {}

    /** What becomes of one backup, and why. */
    public record Decision(String name, Instant takenAt, boolean keep, List<String> reasons) {}
}
