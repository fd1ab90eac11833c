package dev.upkeep.executor.run;

import dev.upkeep.common.kafka.Records;
import dev.upkeep.executor.journal.Journal;
import dev.upkeep.executor.publish.ProgressSink;

/** Puts the parts of running together. */
public final class Runs {
    private Runs() {}

    /** @param onEnd called after each end of a command, when there may be something to publish */
    public static Dispatcher dispatcher(
            Host host, Journal journal, Records records, ProgressSink progress, RunSettings settings, Runnable onEnd) {
        CommandRun runs = new CommandRun(host, journal, records, progress, settings.retry());
        return new Dispatcher(journal, runs, settings.limits(), host.clock(), onEnd);
    }
}
