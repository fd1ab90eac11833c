package dev.upkeep.executor.run;

import dev.upkeep.common.id.DatabaseId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whose turn it is: a pure decision over what waits, in order of arrival, and what runs. */
final class Turns {
    private Turns() {}

    /**
     * The jobs that may start now. Per database one exclusive job at a time, in order of arrival: one that waits for another
     * try, or for a heavy place, holds up those behind it. Light reading jobs go beside it.
     */
    static List<Job> next(Collection<Job> waiting, Collection<Job> running, Limits limits, Instant now) {
        Set<DatabaseId> taken = new HashSet<>();
        int heavy = 0;
        int light = 0;
        for (Job job : running) {
            if (job.isUrgent()) {
                continue;
            }
            if (job.isExclusive()) {
                taken.add(job.database());
            }
            heavy += job.isHeavy() ? 1 : 0;
            light += job.isHeavy() ? 0 : 1;
        }
        List<Job> next = new ArrayList<>();
        for (Job job : waiting) {
            boolean isReady = !now.isBefore(job.readyAt());
            if (now.isAfter(job.startBy()) || (isReady && job.isUrgent())) {
                next.add(job);
                continue;
            }
            boolean isRetry = job.startBy().equals(Instant.MAX);
            if (!isReady && !isRetry) {
                continue;
            }
            boolean isFree = !job.isExclusive() || !taken.contains(job.database());
            boolean hasRoom = job.isHeavy() ? heavy < limits.heavy() : light < limits.light();
            if (job.isExclusive()) {
                taken.add(job.database());
            }
            if (isReady && isFree && hasRoom) {
                next.add(job);
                heavy += job.isHeavy() ? 1 : 0;
                light += job.isHeavy() ? 0 : 1;
            }
        }
        return next;
    }
}
