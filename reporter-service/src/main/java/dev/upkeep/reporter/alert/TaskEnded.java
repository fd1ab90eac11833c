package dev.upkeep.reporter.alert;

import dev.upkeep.common.Check;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.reporter.result.Ending;
import dev.upkeep.reporter.result.Ends;
import java.util.List;
import java.util.Map;

/**
 * A task last ended on a database with one of these outcomes; over when it ends otherwise.
 *
 * @param outcomes failed, interrupted, rejected and contended if empty
 * @param tasks only these; all if empty
 */
record TaskEnded(List<Outcome> outcomes, List<String> tasks) implements Trigger {
    private static final List<Outcome> BAD =
            List.of(Outcome.FAILED, Outcome.INTERRUPTED, Outcome.REJECTED, Outcome.CONTENDED);

    TaskEnded {
        outcomes = Check.list("outcomes", outcomes);
        outcomes = outcomes.isEmpty() ? BAD : outcomes;
        tasks = Check.list("tasks", tasks);
    }

    @Override
    public List<Holding> check(Facts facts) {
        return facts.endings().stream()
                .filter(ending -> ending.last().subject().startsWith(Ends.TASK))
                .filter(ending -> outcomes.contains(ending.last().outcome()))
                .filter(ending -> tasks.isEmpty() || tasks.contains(task(ending)))
                .map(ending -> Holding.onDatabase(
                        ending.last().database(),
                        Map.of("task", task(ending)),
                        task(ending) + " of " + ending.last().database() + " "
                                + EnumText.of(ending.last().outcome()),
                        "Ended at " + ending.last().at() + " on executor "
                                + ending.last().executor() + ", command "
                                + ending.last().command()
                                + ending.last()
                                        .reason()
                                        .map(reason -> ": " + reason)
                                        .orElse("")
                                + ending.goodAt()
                                        .map(at -> ". It last ended well at " + at + ".")
                                        .orElse(". It has never ended well.")))
                .toList();
    }

    private static String task(Ending ending) {
        return ending.last().subject().substring(Ends.TASK.length());
    }

    @Override
    public boolean isExplainable() {
        return false;
    }
}
