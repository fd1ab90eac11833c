package dev.upkeep.reporter.alert;

import dev.upkeep.common.Check;
import dev.upkeep.common.wire.Durations;
import dev.upkeep.reporter.alert.Facts.Level;
import dev.upkeep.reporter.cleanup.KeepRows;
import dev.upkeep.reporter.cleanup.KeepRows.Keep;
import dev.upkeep.reporter.result.Ends;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A table holds rows older than the retention that a policy's purge was told, by more than the grace: seen from the data, whatever
 * became of the purge. The age of the oldest row is as it was measured last, plus the time since.
 *
 * @param grace 1.25 times the time between the policy's purges and a day if absent: until the next purge rows may well be so old
 * @param forgetAfter a policy that has not purged for so long no longer counts; 62 days if absent
 */
record DataOverdue(Optional<Duration> grace, Optional<Duration> forgetAfter) implements Trigger {
    private static final Duration DAY = Duration.ofDays(1);

    DataOverdue {
        grace.ifPresent(time -> Check.positive("grace", time));
        forgetAfter.ifPresent(time -> Check.positive("forgetAfter", time));
    }

    @Override
    public List<Holding> check(Facts facts) {
        Instant since = facts.now().minus(forgetAfter.orElse(Duration.ofDays(62)));
        List<Keep> keeps = KeepRows.since(facts.session(), since);
        List<Level> ages = keeps.isEmpty() ? List.of() : facts.levels("oldest_record_age", "seconds");
        List<Holding> holdings = new ArrayList<>();
        for (Keep keep : keeps) {
            Duration allowed = keep.keep().plus(grace.orElseGet(() -> usual(facts, keep)));
            ages.stream()
                    .filter(level -> level.database().equals(keep.database()) && isOf(keep, level))
                    .max(Comparator.comparing(Level::at))
                    .filter(level -> age(level, facts.now()).compareTo(allowed) > 0)
                    .ifPresent(level -> holdings.add(holding(keep, level, facts.now())));
        }
        return holdings;
    }

    /** Policies may leave out the schema that executors state. */
    private static boolean isOf(Keep keep, Level level) {
        String table = level.labels().getOrDefault("table", "");
        return table.equals(keep.table()) || table.endsWith("." + keep.table());
    }

    private static Duration age(Level level, Instant now) {
        Duration since = Duration.between(level.at(), now);
        return Duration.ofSeconds((long) level.value()).plus(since.isNegative() ? Duration.ZERO : since);
    }

    private static Duration usual(Facts facts, Keep keep) {
        return facts.endings().stream()
                .filter(ending -> ending.last().database().equals(keep.database())
                        && ending.last().subject().equals(Ends.TASK + "purge"))
                .flatMap(ending -> ending.every().stream())
                .findFirst()
                .map(every -> every.multipliedBy(5).dividedBy(4).plus(DAY))
                .orElse(DAY);
    }

    private static Holding holding(Keep keep, Level level, Instant now) {
        return Holding.onDatabase(
                keep.database(),
                Map.of("table", keep.table()),
                keep.table() + " of " + keep.database() + " holds rows past their retention",
                "The oldest is "
                        + Durations.text(Duration.ofDays(age(level, now).toDays())) + " old, "
                        + Durations.text(keep.keep()) + " are kept; measured at " + level.at()
                        + ". See how the last purge ended.");
    }

    @Override
    public boolean isExplainable() {
        return true;
    }
}
