package dev.upkeep.executor.run;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.executor.guardrail.Guardrails;
import dev.upkeep.executor.journal.Journal;
import dev.upkeep.executor.publish.ProgressSink;

/** Puts the parts of running together. */
public record Runs(Host host, Guardrails guardrails, Journal journal, Records records, ProgressSink progress) {
    /** @param onEnd called after each end of a command, when there may be something to publish */
    public Dispatcher dispatcher(RunSettings settings, Runnable onEnd) {
        return new Dispatcher(journal, runs(settings.retry()), guardrails, settings.limits(), host.clock(), onEnd);
    }

    /** One journalled command, to be carried out on the caller's thread. */
    public Once once(RetryPolicy retry, Command command) {
        return new Once(runs(retry), journal, guardrails, host.clock(), command);
    }

    private CommandRun runs(RetryPolicy retry) {
        return new CommandRun(host, guardrails, journal, records, progress, retry);
    }
}
