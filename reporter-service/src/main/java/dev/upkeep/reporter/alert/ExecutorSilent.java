package dev.upkeep.reporter.alert;

import dev.upkeep.common.fleet.Registration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An executor missed three heartbeats, or said that it stops and did not come back. */
record ExecutorSilent() implements Trigger {
    @Override
    public List<Holding> check(Facts facts) {
        return facts.executors().stream()
                .filter(executor -> executor.isOffline(facts.now()))
                .map(ExecutorSilent::holding)
                .toList();
    }

    private static Holding holding(Registration executor) {
        String id = executor.executor().text();
        return new Holding(
                Optional.empty(),
                Optional.of(id),
                Map.of(),
                new Holding.Text(
                        "executor " + id + " on " + executor.host()
                                + (executor.stopping() ? " was stopped" : " is silent"),
                        "Last heard of at " + executor.at() + ". Nothing is done on its "
                                + executor.databases().size()
                                + " databases until it is back. If it is gone for good, delete its record from the"
                                + " executors topic."),
                Optional.empty(),
                false);
    }

    @Override
    public boolean isExplainable() {
        return false;
    }
}
