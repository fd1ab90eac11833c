package dev.upkeep.reporter.intake;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.result.Progress;
import dev.upkeep.common.run.RunState;
import dev.upkeep.reporter.deadletter.DeadLetter;
import dev.upkeep.reporter.result.Received;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one poll brought, read and sorted. Of topics where the newest record per key is the whole truth only that one is kept; an
 * empty value is a tombstone.
 *
 * @param places by topic and partition, the offset to go on from
 */
record Batch(
        List<Received> results,
        Map<String, RunState> runs,
        Map<String, Optional<Registration>> executors,
        Map<String, Progress> progress,
        Map<String, Optional<Control>> controls,
        List<DeadLetter> deadLetters,
        List<Unread> unread,
        Map<Place, Long> places) {

    /** A partition of one incarnation of a topic. */
    record Place(String topic, int partition, String topicId) {}

    static Batch empty() {
        return new Batch(
                new ArrayList<>(),
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new LinkedHashMap<>());
    }

    int size() {
        return results.size()
                + runs.size()
                + executors.size()
                + progress.size()
                + controls.size()
                + deadLetters.size()
                + unread.size();
    }
}
