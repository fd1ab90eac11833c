package dev.upkeep.scheduler.firing;

import dev.upkeep.common.id.PolicyName;
import dev.upkeep.scheduler.policy.Policy;
import dev.upkeep.scheduler.policy.PolicySet;
import dev.upkeep.scheduler.timetable.Timetable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds the firings that are due. All firings up to a watermark are decided already; a clock that is set back therefore fires
 * nothing twice, and one set forward fires each policy once. For one thread.
 */
public final class Firings {
    private final Map<Policy, Next> cache = new HashMap<>();

    private record Next(Timetable timetable, Optional<Instant> at) {}

    /**
     * The firings in {@code (decided, now]}, the earliest first, at most one per policy.
     *
     * @param decided the watermark
     * @param last a policy's last firing on record
     */
    public List<Firing> due(
            PolicySet policies, Instant decided, Instant now, Function<PolicyName, Optional<Instant>> last) {
        cache.keySet().retainAll(policies.all());
        List<Firing> due = new ArrayList<>();
        for (Policy policy : policies.all()) {
            Next next = cache.computeIfAbsent(policy, fresh -> {
                Timetable timetable = fresh.schedule().timetable();
                return new Next(timetable, timetable.next(decided));
            });
            if (next.at().isEmpty() || next.at().get().isAfter(now)) {
                continue;
            }
            Instant from =
                    last.apply(policy.name()).filter(at -> at.isAfter(decided)).orElse(decided);
            next.timetable()
                    .elapsed(from, now)
                    .ifPresent(elapsed -> due.add(new Firing(policy, elapsed.last(), elapsed.firings() - 1)));
        }
        due.sort(Comparator.comparing(Firing::nominal)
                .thenComparing(firing -> firing.policy().name()));
        return due;
    }

    /** Forgets what was worked out ahead, once the watermark has moved to this instant. */
    public void decided(Instant until) {
        cache.values().removeIf(next -> next.at().map(at -> !at.isAfter(until)).orElse(false));
    }
}
