package dev.upkeep.reporter.result;

import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.reporter.history.Json;
import dev.upkeep.reporter.history.Session;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counters that go on where they stopped: kept in the history, raised in the transaction that stores what they count. */
public final class Tally {
    /** Measurements that were not kept since they would have exceeded the bounds. */
    public static final String DROPPED_MEASUREMENTS = "reporter_dropped_measurements";

    private record Key(String name, String labels) {}

    private final Map<Key, Double> raised = new HashMap<>();

    /** Counts results and their tasks by outcome. */
    public void count(List<Result> results) {
        for (Result result : results) {
            raise(
                    "results",
                    1,
                    Map.of(
                            "origin", EnumText.of(result.origin().kind()),
                            "outcome", EnumText.of(result.outcome())));
            for (TaskResult task : result.tasks()) {
                raise("task_ends", 1, Map.of("task", task.task(), "outcome", EnumText.of(task.outcome())));
            }
        }
    }

    /** Raises one counter. */
    public void raise(String name, double by, Map<String, String> labels) {
        raised.merge(new Key(name, Json.text(new TreeMap<>(labels))), by, Double::sum);
    }

    /** Adds what was counted to what is stored. */
    public void store(Session session) {
        try (Session.Bulk add = session.bulk("INSERT INTO tally (name, labels, value) VALUES (?, ?, ?)"
                + " ON CONFLICT (name, labels) DO UPDATE SET value = tally.value + excluded.value")) {
            raised.forEach((key, by) -> add.add(key.name(), key.labels(), by));
            add.run();
        }
        raised.clear();
    }
}
