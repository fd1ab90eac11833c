package dev.upkeep.scheduler.policy;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.fleet.Labels;
import java.util.List;
import java.util.Optional;

/**
 * How a run spreads over its databases. Without it all commands are sent at once.
 *
 * @param canary so many databases go first, alone; the rest waits until all of them have ended
 * @param waves then the shares, in percent of all databases, up to which each wave goes, ascending; each waits for the end of
 *     the one before; the last one is always 100
 * @param maxParallel at most so many databases at work at once
 * @param group a label: of databases with the same value never two at once
 * @param stopAfter when to leave the rest alone
 */
public record Rollout(
        Optional<Integer> canary,
        List<Integer> waves,
        Optional<Integer> maxParallel,
        Optional<String> group,
        Optional<StopAfter> stopAfter) {

    /** No waves, no limits. */
    public static final Rollout AT_ONCE =
            new Rollout(Optional.empty(), List.of(), Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * When to stop: what has not been sent stays unsent.
     *
     * @param failures at the so-maniest database that did not end well
     * @param percent or when so many percent of all databases did not
     */
    public record StopAfter(Optional<Integer> failures, Optional<Integer> percent) {
        public StopAfter {
            failures.ifPresent(count -> Check.between("failures", count, 1, 1_000_000));
            percent.ifPresent(share -> Check.between("percent", share, 1, 100));
            if (failures.isEmpty() && percent.isEmpty()) {
                throw new InvalidValue("stopAfter", "{}", "must give failures, percent, or both");
            }
        }

        /** Whether so many failures among so many databases are enough. */
        public boolean isReached(int failed, int databases) {
            return (failures.isPresent() && failed >= failures.get())
                    || (percent.isPresent() && failed > 0 && failed * 100L >= (long) percent.get() * databases);
        }
    }

    public Rollout {
        canary.ifPresent(count -> Check.between("canary", count, 1, 1_000_000));
        waves = Check.list("waves", waves);
        int before = 0;
        for (int share : waves) {
            if (share <= before || share > 100) {
                throw new InvalidValue("waves", waves.toString(), "must be ascending percentages, from 1 to 100");
            }
            before = share;
        }
        maxParallel.ifPresent(count -> Check.between("maxParallel", count, 1, 1_000_000));
        group.ifPresent(
                label -> Check.text("group", label, Labels.KEY, "must be a label's key, such as cluster or host"));
    }

    /** Whether commands may have to wait for others of the same run. */
    public boolean isStaged() {
        return canary.isPresent() || !waves.isEmpty() || maxParallel.isPresent() || group.isPresent();
    }

    /** The positions at which the waves end, for so many databases: ascending, the last one is their number. */
    public List<Integer> waveEnds(int databases) {
        java.util.TreeSet<Integer> ends = new java.util.TreeSet<>();
        canary.ifPresent(count -> ends.add(Math.min(count, databases)));
        waves.forEach(share -> ends.add((int) Math.ceil(databases * (share / 100.0))));
        ends.add(databases);
        return List.copyOf(ends);
    }
}
