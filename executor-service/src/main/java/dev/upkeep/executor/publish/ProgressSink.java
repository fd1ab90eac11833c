package dev.upkeep.executor.publish;

import dev.upkeep.common.result.Progress;

/** Takes what is told of progress; never blocks and never fails. Thread-safe. */
@FunctionalInterface
public interface ProgressSink {
    /** Tells who watches. */
    void tell(Progress progress);
}
