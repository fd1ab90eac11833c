package dev.upkeep.reporter.alert;

import dev.upkeep.common.Check;
import dev.upkeep.common.request.Selector;
import dev.upkeep.common.wire.Durations;
import dev.upkeep.reporter.result.Ending;
import dev.upkeep.reporter.result.Ends;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A task has not ended well for too long on a database that has ended it before, or that must.
 *
 * @param within how long is too long; if absent, 1.25 times the time between the policy's last two runs, and without such 26 h
 * @param must databases that must have it even if they never had: they are overdue from the first look
 */
record TaskOverdue(String task, Optional<Duration> within, Optional<Selector> must) implements Trigger {
    private static final Duration WITHOUT_POLICY = Duration.ofHours(26);
    private static final Duration SLACK = Duration.ofMinutes(5);

    TaskOverdue {
        Check.line("task", task, 64);
        within.ifPresent(time -> Check.positive("within", time));
    }

    @Override
    public List<Holding> check(Facts facts) {
        List<Holding> holdings = new ArrayList<>();
        Set<String> known = new HashSet<>();
        for (Ending ending : facts.endings()) {
            if (!ending.last().subject().equals(Ends.TASK + task)) {
                continue;
            }
            Duration limit = limit(ending);
            Optional<Instant> good = ending.goodAt();
            good.ifPresent(at -> known.add(ending.last().database()));
            if (good.isPresent() && good.get().plus(limit).isBefore(facts.now())) {
                holdings.add(Holding.onDatabase(
                        ending.last().database(),
                        Map.of("task", task),
                        "no successful " + task + " of " + ending.last().database() + " since " + good.get(),
                        "One is due every " + Durations.text(limit) + ". The last attempt ended at "
                                + ending.last().at() + ", command "
                                + ending.last().command()
                                + ending.last()
                                        .reason()
                                        .map(reason -> ": " + reason)
                                        .orElse("")
                                + "."));
            }
        }
        must.ifPresent(selector -> facts.databases().stream()
                .filter(stated -> selector.matches(stated.executor(), stated.database()))
                .map(stated -> stated.database().id().text())
                .filter(database -> !known.contains(database))
                .map(this::never)
                .forEach(holdings::add));
        return holdings;
    }

    private Holding never(String database) {
        return Holding.onDatabase(
                database,
                Map.of("task", task),
                "no successful " + task + " of " + database + " ever",
                "No result of this task ended well since the history began. Run it, or mend what makes it fail.");
    }

    private Duration limit(Ending ending) {
        return within.orElseGet(() -> ending.every()
                .map(every -> every.multipliedBy(5).dividedBy(4).plus(SLACK))
                .orElse(WITHOUT_POLICY));
    }

    @Override
    public boolean isExplainable() {
        return true;
    }
}
