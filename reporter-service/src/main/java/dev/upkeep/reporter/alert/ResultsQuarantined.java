package dev.upkeep.reporter.alert;

import dev.upkeep.common.Check;
import dev.upkeep.common.wire.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An executor lately sent results that are not believed, see {@code /api/quarantine}.
 *
 * @param within a day if absent
 */
record ResultsQuarantined(Optional<Duration> within) implements Trigger {
    ResultsQuarantined {
        within.ifPresent(time -> Check.positive("within", time));
    }

    @Override
    public List<Holding> check(Facts facts) {
        Duration lately = within.orElse(Duration.ofDays(1));
        return facts.session()
                .list(
                        "SELECT executor, count(*), max(reason) FROM quarantine WHERE at >= ?"
                                + " GROUP BY executor ORDER BY executor",
                        row -> new Holding(
                                Optional.empty(),
                                Optional.of(row.text(1)),
                                Map.of(),
                                new Holding.Text(
                                        "results in the name of executor " + row.text(1) + " are not believed",
                                        row.number(2) + " within " + Durations.text(lately) + ". One of them: "
                                                + row.text(3) + ". See /api/quarantine."),
                                Optional.empty(),
                                false),
                        facts.now().minus(lately));
    }

    @Override
    public boolean isExplainable() {
        return false;
    }
}
