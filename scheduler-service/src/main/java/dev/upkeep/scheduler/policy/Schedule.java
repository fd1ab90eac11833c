package dev.upkeep.scheduler.policy;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.scheduler.timetable.CronTimetable;
import dev.upkeep.scheduler.timetable.IntervalTimetable;
import dev.upkeep.scheduler.timetable.Timetable;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;

/**
 * When a policy fires.
 *
 * @param cron UNIX five-field cron; either this or {@code every}
 * @param every an interval, counted from 1970-01-01T00:00Z
 * @param zone the IANA time zone of cron and window; UTC if absent
 * @param spread each database starts at its own fixed moment within this time after the firing; at once if absent
 * @param missed what to do with a firing nobody saw; {@code window} if absent
 * @param overlap what to do where the previous run goes on; {@code skip} if absent
 */
public record Schedule(
        Optional<String> cron,
        Optional<Duration> every,
        Optional<String> zone,
        Optional<Duration> spread,
        Optional<Missed> missed,
        Optional<Overlap> overlap) {
    public Schedule {
        if (cron.isPresent() == every.isPresent()) {
            throw new InvalidValue(
                    "schedule", cron.isPresent() ? "cron and every" : "neither", "must give either cron or every");
        }
        zone.ifPresent(Schedule::checkedZone);
        cron.ifPresent(expression -> CronTimetable.of(expression, zoneOf(zone)));
        every.ifPresent(IntervalTimetable::new);
        spread.ifPresent(time -> Check.positive("spread", time));
        if (spread.isPresent() && spread.get().compareTo(Duration.ofHours(24)) > 0) {
            throw new InvalidValue("spread", spread.get().toString(), "must be at most 24 h");
        }
    }

    /** The firings. */
    public Timetable timetable() {
        return cron.<Timetable>map(expression -> CronTimetable.of(expression, zoneId()))
                .orElseGet(() -> new IntervalTimetable(every.orElseThrow()));
    }

    /** The time zone in which the policy thinks. */
    public ZoneId zoneId() {
        return zoneOf(zone);
    }

    private static ZoneId zoneOf(Optional<String> zone) {
        return zone.map(ZoneId::of).orElse(ZoneId.of("UTC"));
    }

    private static void checkedZone(String zone) {
        if (!ZoneId.getAvailableZoneIds().contains(zone)) {
            throw new InvalidValue("zone", zone, "must be an IANA time zone, such as Europe/Berlin or UTC");
        }
    }
}
