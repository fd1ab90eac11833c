package dev.upkeep.reporter.alert;

import dev.upkeep.common.Check;
import dev.upkeep.common.wire.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Records that nobody could read arrived lately, by topic.
 *
 * @param moreThan 0 if absent
 * @param within an hour if absent
 */
record DeadLetters(Optional<Integer> moreThan, Optional<Duration> within) implements Trigger {
    DeadLetters {
        moreThan.ifPresent(count -> Check.between("moreThan", count, 0, 1_000_000));
        within.ifPresent(time -> Check.positive("within", time));
    }

    @Override
    public List<Holding> check(Facts facts) {
        Duration lately = within.orElse(Duration.ofHours(1));
        return facts.session()
                .list(
                        "SELECT source_topic, count(*), max(error) FROM dead_letter WHERE at >= ?"
                                + " GROUP BY source_topic HAVING count(*) > ? ORDER BY source_topic",
                        row -> new Holding(
                                Optional.empty(),
                                Optional.empty(),
                                Map.of("topic", row.text(1)),
                                new Holding.Text(
                                        "unreadable records on " + row.text(1),
                                        row.number(2) + " within " + Durations.text(lately) + ". One of them: "
                                                + row.text(3)
                                                + ". See the dead-letter topic's headers for their places."),
                                Optional.empty(),
                                false),
                        facts.now().minus(lately),
                        moreThan.orElse(0));
    }

    @Override
    public boolean isExplainable() {
        return false;
    }
}
