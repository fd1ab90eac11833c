package dev.upkeep.scheduler.planted;

import dev.upkeep.executor.planted.Reached;

/** A planted violation: a class of one service that uses another's. */
public final class Reaches {
    private final Reached reached = new Reached();

    Reached reached() {
        return reached;
    }
}
