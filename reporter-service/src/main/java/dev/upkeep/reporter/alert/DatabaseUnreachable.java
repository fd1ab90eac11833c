package dev.upkeep.reporter.alert;

import java.util.List;
import java.util.Map;

/** An executor could not reach a database at its last look. */
record DatabaseUnreachable() implements Trigger {
    @Override
    public List<Holding> check(Facts facts) {
        return facts.databases().stream()
                .filter(stated -> stated.database().problem().isPresent())
                .map(stated -> Holding.onDatabase(
                        stated.database().id().text(),
                        Map.of(),
                        stated.database().id() + " cannot be reached",
                        "Executor " + stated.executor() + " says: "
                                + stated.database().problem().orElse("")))
                .toList();
    }

    @Override
    public boolean isExplainable() {
        return true;
    }
}
