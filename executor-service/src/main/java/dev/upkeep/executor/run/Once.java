package dev.upkeep.executor.run;

import dev.upkeep.common.command.Command;
import dev.upkeep.executor.guardrail.Guardrails;
import dev.upkeep.executor.journal.Entry;
import dev.upkeep.executor.journal.Journal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Carries out one journalled command on the caller's thread, tries and all; can be cancelled from another. */
public final class Once {
    private static final Duration TICK = Duration.ofMillis(200);

    private final CommandRun runs;
    private final Journal journal;
    private final Guardrails guardrails;
    private final StopSignal stop;
    private final Command command;
    private final CountDownLatch ended = new CountDownLatch(1);

    Once(CommandRun runs, Journal journal, Guardrails guardrails, Clock clock, Command command) {
        this.runs = runs;
        this.journal = journal;
        this.guardrails = guardrails;
        this.command = command;
        this.stop = new StopSignal(clock, command.validity().finishBy());
    }

    /** Returns when the command has ended; its result is in the outbox then. */
    public void run() {
        Thread enforcing = new Thread(this::enforce, "enforce");
        enforcing.setDaemon(true);
        enforcing.start();
        try {
            Optional<Instant> againAt;
            do {
                Entry entry = journal.find(command.id())
                        .orElseThrow(() -> new IllegalStateException("not journalled: " + command.id()));
                againAt = runs.run(entry, command, stop).againAt();
                againAt.ifPresent(at -> stop.await(Duration.between(Instant.now(), at)));
            } while (againAt.isPresent());
        } finally {
            ended.countDown();
        }
    }

    /** Stops it; it ends as cancelled. */
    public void cancel() {
        stop.cancel();
    }

    private boolean isWriting() {
        return command.steps().stream().anyMatch(step -> step.task().writes());
    }

    private void enforce() {
        try {
            while (!ended.await(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
                if (isWriting()) {
                    guardrails.stopped().ifPresent(stop::halt);
                }
                stop.enforce();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
