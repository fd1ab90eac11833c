package dev.upkeep.scheduler.policy;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.scheduler.timetable.CronTimetable;
import dev.upkeep.scheduler.timetable.IntervalTimetable;
import dev.upkeep.scheduler.timetable.NeverTimetable;
import dev.upkeep.scheduler.timetable.Timetable;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * When a policy fires: exactly one of {@code cron}, {@code every}, {@code after} and {@code onFinding} says it.
 *
 * @param cron UNIX five-field cron
 * @param every an interval, counted from 1970-01-01T00:00Z
 * @param after along with another policy, and on each database after it
 * @param onFinding when a result brings a finding
 * @param zone the IANA time zone of cron and window; UTC if absent
 * @param spread each database starts at its own fixed moment within this time after the firing; at once if absent
 * @param missed what to do with a firing nobody saw; {@code window} if absent
 * @param overlap what to do where the previous run goes on; {@code skip} if absent
 * @param lateJoiners what to do with a database that registers after the firing; {@code ignore} if absent
 */
public record Schedule(
        Optional<String> cron,
        Optional<Duration> every,
        Optional<After> after,
        Optional<OnFinding> onFinding,
        Optional<String> zone,
        Optional<Duration> spread,
        Optional<Missed> missed,
        Optional<Overlap> overlap,
        Optional<LateJoiners> lateJoiners) {
    public Schedule {
        List<String> given = Stream.of(
                        cron.map(it -> "cron"),
                        every.map(it -> "every"),
                        after.map(it -> "after"),
                        onFinding.map(it -> "onFinding"))
                .flatMap(Optional::stream)
                .toList();
        if (given.size() != 1) {
            throw new InvalidValue(
                    "schedule",
                    given.isEmpty() ? "neither" : String.join(" and ", given),
                    "must give exactly one of cron, every, after, onFinding");
        }
        if (lateJoiners.equals(Optional.of(LateJoiners.RUN)) && cron.isEmpty() && every.isEmpty()) {
            throw new InvalidValue("lateJoiners", "run", "is only for policies with cron or every");
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
                .or(() -> every.map(IntervalTimetable::new))
                .orElseGet(NeverTimetable::new);
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
