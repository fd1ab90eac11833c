package dev.upkeep.reporter.alert;

import dev.upkeep.common.Check;
import dev.upkeep.reporter.result.Ending;
import dev.upkeep.reporter.result.Ends;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A task ran out of time so often in a row that it may never catch up.
 *
 * @param times 3 if absent
 */
record PartialTooOften(Optional<Integer> times) implements Trigger {
    PartialTooOften {
        times.ifPresent(count -> Check.between("times", count, 1, 1_000));
    }

    @Override
    public List<Holding> check(Facts facts) {
        return facts.endings().stream()
                .filter(ending -> ending.last().subject().startsWith(Ends.TASK))
                .filter(ending -> ending.partials() >= times.orElse(3))
                .map(PartialTooOften::holding)
                .toList();
    }

    private static Holding holding(Ending ending) {
        String task = ending.last().subject().substring(Ends.TASK.length());
        String database = ending.last().database();
        return Holding.onDatabase(
                database,
                Map.of("task", task),
                task + " of " + database + " ran out of time again and again",
                "It ended as partial " + ending.partials() + " times in a row, last at "
                        + ending.last().at() + ". Give it a longer window, or less to do.");
    }

    @Override
    public boolean isExplainable() {
        return false;
    }
}
