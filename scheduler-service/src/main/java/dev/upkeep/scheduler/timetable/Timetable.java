package dev.upkeep.scheduler.timetable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The instants at which something fires. A pure function of time: it neither knows nor changes what has fired. Thread-safe. */
public sealed interface Timetable permits CronTimetable, IntervalTimetable, NeverTimetable {
    /** The first firing strictly after this instant; empty if there is none in sight. */
    Optional<Instant> next(Instant after);

    /** The next so many firings after this instant, fewer if there are no more. */
    default List<Instant> upcoming(Instant after, int count) {
        List<Instant> firings = new ArrayList<>();
        Optional<Instant> next = next(after);
        while (next.isPresent() && firings.size() < count) {
            firings.add(next.get());
            next = next(next.get());
        }
        return firings;
    }

    /** What fell into {@code (after, until]}: the last firing and how many there were, counted up to a bound. */
    default Optional<Elapsed> elapsed(Instant after, Instant until) {
        Optional<Instant> next = next(after);
        Optional<Instant> last = Optional.empty();
        int count = 0;
        while (next.isPresent() && !next.get().isAfter(until)) {
            last = next;
            count++;
            next = next(next.get());
        }
        int firings = count;
        return last.map(at -> new Elapsed(at, firings));
    }

    /** The last of some firings that lie in the past, and their number. */
    record Elapsed(Instant last, int firings) {}
}
