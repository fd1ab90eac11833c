package dev.upkeep.reporter.alert;

import dev.upkeep.common.Check;
import dev.upkeep.common.wire.Durations;
import dev.upkeep.reporter.alert.Facts.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A level that falls, such as free space, will be used up soon if it goes on as of late.
 *
 * @param within how soon; 7 days if absent
 * @param over the time from which the pace is taken; a day if absent
 */
record RunningOut(String name, String unit, Optional<Duration> within, Optional<Duration> over) implements Trigger {
    RunningOut {
        Check.line("name", name, 100);
        Check.line("unit", unit, 100);
        within.ifPresent(time -> Check.positive("within", time));
        over.ifPresent(time -> Check.positive("over", time));
    }

    @Override
    public List<Holding> check(Facts facts) {
        return facts.levels(name, unit).stream()
                .flatMap(level -> holding(facts, level).stream())
                .toList();
    }

    private Optional<Holding> holding(Facts facts, Level level) {
        Duration past = over.orElse(Duration.ofDays(1));
        Optional<Double> then = facts.valueAt(level, facts.now().minus(past));
        double used = then.orElse(level.value()) - level.value();
        if (used <= 0) {
            return Optional.empty();
        }
        double seconds = level.value() / used * past.toSeconds();
        if (seconds >= within.orElse(Duration.ofDays(7)).toSeconds()) {
            return Optional.empty();
        }
        String what = name.replace('_', ' ');
        Duration left = Duration.ofHours((long) (seconds / 3_600));
        return Optional.of(Holding.onDatabase(
                level.database(),
                level.labels(),
                what + " of " + level.database() + Figures.labels(level.labels()) + " runs out soon",
                Figures.text(level.value(), unit) + " are left, " + Figures.text(used, unit) + " were used within "
                        + Durations.text(past) + ": at that pace it lasts for less than " + (left.toHours() + 1)
                        + " hours."));
    }

    @Override
    public boolean isExplainable() {
        return false;
    }
}
