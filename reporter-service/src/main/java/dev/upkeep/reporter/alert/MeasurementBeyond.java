package dev.upkeep.reporter.alert;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.reporter.alert.Facts.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The newest value of a measurement lies above or below a limit.
 *
 * @param name the measurement's name, such as {@code table_size}
 * @param unit its unit, such as {@code bytes}
 * @param notOlderThan values older than this do not count; 7 days if absent
 */
record MeasurementBeyond(
        String name, String unit, Optional<Double> above, Optional<Double> below, Optional<Duration> notOlderThan)
        implements Trigger {
    MeasurementBeyond {
        Check.line("name", name, 100);
        Check.line("unit", unit, 100);
        notOlderThan.ifPresent(time -> Check.positive("notOlderThan", time));
        if (above.isPresent() == below.isPresent()) {
            throw new InvalidValue("when", name, "must give either above or below");
        }
    }

    @Override
    public List<Holding> check(Facts facts) {
        return facts.levels(name, unit).stream()
                .filter(level ->
                        level.at().plus(notOlderThan.orElse(Duration.ofDays(7))).isAfter(facts.now()))
                .filter(level -> above.map(limit -> level.value() > limit).orElse(false)
                        || below.map(limit -> level.value() < limit).orElse(false))
                .map(this::holding)
                .toList();
    }

    private Holding holding(Level level) {
        String what = name.replace('_', ' ');
        return Holding.onDatabase(
                level.database(),
                level.labels(),
                what + " of " + level.database() + Figures.labels(level.labels()) + " is beyond its limit",
                what + " is " + Figures.text(level.value(), unit) + ", the limit "
                        + Figures.text(above.or(() -> below).orElse(0.0), unit) + ", measured at " + level.at() + ".");
    }

    @Override
    public boolean isExplainable() {
        return false;
    }
}
