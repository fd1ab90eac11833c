package dev.upkeep.reporter.alert;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.wire.Durations;
import dev.upkeep.reporter.alert.Facts.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A level grew much faster of late than before. Needs samples from before the longer time.
 *
 * @param recent the late time; a day if absent
 * @param over the time to compare with, of which the late time is the end; 14 days if absent
 * @param factor how much faster; 3 if absent
 * @param leastShare and by at least this share of what it was; 0.1 if absent
 */
record GrowthOutOfTrend(
        String name,
        String unit,
        Optional<Duration> recent,
        Optional<Duration> over,
        Optional<Double> factor,
        Optional<Double> leastShare)
        implements Trigger {
    GrowthOutOfTrend {
        Check.line("name", name, 100);
        Check.line("unit", unit, 100);
        recent.ifPresent(time -> Check.positive("recent", time));
        over.ifPresent(time -> Check.positive("over", time));
        leastShare.ifPresent(share -> Check.share("leastShare", share));
        Duration late = recent.orElse(Duration.ofDays(1));
        if (late.multipliedBy(2).compareTo(over.orElse(Duration.ofDays(14))) > 0) {
            throw new InvalidValue("recent", Durations.text(late), "must be at most half of over");
        }
    }

    @Override
    public List<Holding> check(Facts facts) {
        return facts.levels(name, unit).stream()
                .flatMap(level -> holding(facts, level).stream())
                .toList();
    }

    private Optional<Holding> holding(Facts facts, Level level) {
        Duration late = recent.orElse(Duration.ofDays(1));
        Duration whole = over.orElse(Duration.ofDays(14));
        Optional<Double> atFirst = facts.valueAt(level, facts.now().minus(whole));
        Optional<Double> then = facts.valueAt(level, facts.now().minus(late));
        if (atFirst.isEmpty() || then.isEmpty()) {
            return Optional.empty();
        }
        double grown = level.value() - then.get();
        double usual =
                Math.max(0, then.get() - atFirst.get()) * late.toSeconds() / (whole.toSeconds() - late.toSeconds());
        boolean much = grown > Math.abs(then.get()) * leastShare.orElse(0.1);
        if (!much || grown <= usual * factor.orElse(3.0)) {
            return Optional.empty();
        }
        String what = name.replace('_', ' ');
        return Optional.of(Holding.onDatabase(
                level.database(),
                level.labels(),
                what + " of " + level.database() + Figures.labels(level.labels()) + " grows out of trend",
                "It grew by " + Figures.text(grown, unit) + " within " + Durations.text(late) + ", to "
                        + Figures.text(level.value(), unit) + "; before it was usual to grow by "
                        + Figures.text(usual, unit) + " in that time. Look for what writes so much."));
    }

    @Override
    public boolean isExplainable() {
        return false;
    }
}
