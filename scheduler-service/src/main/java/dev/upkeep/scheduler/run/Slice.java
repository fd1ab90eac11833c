package dev.upkeep.scheduler.run;

import dev.upkeep.common.run.Target;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one step changes of a run: so many databases at most, in so many of its parts at most, since each part that changes is
 * written as a whole. Filled from the first position to the last. For one thread.
 */
final class Slice {
    /** The most parts that one step changes. */
    static final int PARTS = 20;

    private final Map<Integer, Target> changes = new TreeMap<>();
    private final int most;
    private int parts;
    private int lastPart = -1;
    private boolean cut;

    Slice(int most) {
        this.most = most;
    }

    /** Whether this position may be changed as well; if not, something is left for the next step. */
    boolean hasRoomFor(int position) {
        boolean room = changes.size() < most && (position / Run.PART == lastPart || parts < PARTS);
        cut |= !room;
        return room;
    }

    void put(int position, Target target) {
        if (position / Run.PART != lastPart) {
            lastPart = position / Run.PART;
            parts++;
        }
        changes.put(position, target);
    }

    /** Whether there was no room for all. */
    boolean isCut() {
        return cut;
    }

    Map<Integer, Target> changes() {
        return changes;
    }
}
