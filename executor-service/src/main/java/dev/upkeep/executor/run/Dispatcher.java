package dev.upkeep.executor.run;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.guardrail.Guardrails;
import dev.upkeep.executor.journal.Entry;
import dev.upkeep.executor.journal.Journal;
import dev.upkeep.executor.journal.JournalFailure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Gives each journalled command its turn on a thread, and stops what has to stop. What waits is kept in memory in short; the
 * journal has the whole. Thread-safe.
 */
public final class Dispatcher implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Dispatcher.class);
    private static final Duration TICK = Duration.ofMillis(200);
    private static final Duration TROUBLE_PAUSE = Duration.ofSeconds(10);

    private final Journal journal;
    private final CommandRun runs;
    private final Guardrails guardrails;
    private final Limits limits;
    private final Clock clock;
    private final Runnable onEnd;
    private final TreeMap<Long, Job> waiting = new TreeMap<>();
    private final Map<CommandId, Running> running = new HashMap<>();
    private final ExecutorService threads;
    private final Thread thread = new Thread(this::dispatch, "dispatch");
    private boolean isStopping;

    private record Running(Job job, StopSignal stop) {}

    /** @param onEnd called after each end of a command, when there may be something to publish */
    Dispatcher(Journal journal, CommandRun runs, Guardrails guardrails, Limits limits, Clock clock, Runnable onEnd) {
        this.journal = journal;
        this.runs = runs;
        this.guardrails = guardrails;
        this.limits = limits;
        this.clock = clock;
        this.onEnd = onEnd;
        AtomicInteger number = new AtomicInteger();
        this.threads = Executors.newCachedThreadPool(work -> {
            Thread worker = new Thread(work, "command-" + number.incrementAndGet());
            worker.setDaemon(true);
            return worker;
        });
        thread.setDaemon(true);
    }

    /** Takes up what the journal has open, and begins; what cannot be read any more ends with a result that says so. */
    public void start() {
        journal.open().forEach(this::takeUp);
        thread.start();
    }

    private void takeUp(String text) {
        try {
            CommandId id = new CommandId(text);
            Entry entry = findOrGiveUp(id);
            if (!entry.isEnded()) {
                offer(entry);
            }
        } catch (JournalFailure e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.errorf(e, "command=%s is open in the journal, but cannot be taken up; the others go on", text);
        }
    }

    private Entry findOrGiveUp(CommandId id) {
        try {
            Entry entry = find(id);
            read(entry);
            return entry;
        } catch (JournalFailure e) {
            throw e;
        } catch (RuntimeException e) {
            Entry bare = journal.findWithoutSteps(id).orElseThrow(() -> e);
            runs.giveUp(bare, String.valueOf((e.getCause() == null ? e : e.getCause()).getMessage()));
            return find(id, journal.findWithoutSteps(id));
        }
    }

    private Entry find(CommandId id) {
        return find(id, journal.find(id));
    }

    private static Entry find(CommandId id, Optional<Entry> entry) {
        return entry.orElseThrow(() -> new IllegalStateException("no longer journalled: " + id));
    }

    /** A journalled command waits for its turn from now on. */
    public void offer(CommandId id) {
        journal.find(id).filter(entry -> !entry.isEnded()).ifPresent(entry -> {
            runs.accepted(read(entry));
            offer(entry);
        });
    }

    /** A journalled command whose offer was lost, since the journal could not be read just then, waits for its turn after all. */
    public void offerIfForgotten(CommandId id) {
        synchronized (this) {
            if (running.containsKey(id)
                    || waiting.values().stream().anyMatch(job -> job.id().equals(id))) {
                return;
            }
        }
        offer(id);
    }

    private void offer(Entry entry) {
        Job job = Job.of(entry, read(entry));
        synchronized (this) {
            waiting.put(job.seq(), job);
            notifyAll();
        }
    }

    private static Command read(Entry entry) {
        try {
            return Wire.read(entry.body(), Command.class);
        } catch (Unreadable e) {
            throw new IllegalStateException("an admitted command cannot be read any more: " + entry.id(), e);
        }
    }

    /** A journalled cancel takes effect. */
    public synchronized void cancel(CommandId id) {
        Optional.ofNullable(running.get(id)).ifPresent(now -> now.stop().cancel());
        waiting.replaceAll((seq, job) -> job.id().equals(id) ? job.atOnce() : job);
        notifyAll();
    }

    /** Whether no more should be taken from the lane for now. */
    public synchronized boolean isFull() {
        return waiting.size() >= limits.waiting();
    }

    public synchronized int waiting() {
        return waiting.size();
    }

    public synchronized int running() {
        return running.size();
    }

    private void dispatch() {
        String said = "";
        try {
            while (true) {
                try {
                    if (!round()) {
                        return;
                    }
                } catch (RuntimeException e) {
                    if (!said.equals(e.toString())) {
                        LOG.error("a defect of Upkeep: the turns of commands could not be worked out; tried again", e);
                    }
                    said = e.toString();
                    awaitNews();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops what has to stop, begins what may begin, and waits a little; false when there is nothing more to dispatch. */
    private boolean round() throws InterruptedException {
        Optional<Reason> halt = guardrails.stopped();
        synchronized (this) {
            if (isStopping) {
                return false;
            }
            for (Running now : running.values()) {
                if (halt.isPresent() && now.job().isWriting()) {
                    now.stop().halt(halt.get());
                } else {
                    now.stop().enforce();
                }
            }
            List<Job> busy = running.values().stream().map(Running::job).toList();
            for (Job job : Turns.next(waiting.values(), busy, limits, clock.instant())) {
                begin(job);
            }
        }
        awaitNews();
        return true;
    }

    @SuppressWarnings("WaitNotInLoop") // a round too many does no harm
    private synchronized void awaitNews() throws InterruptedException {
        if (!isStopping) {
            wait(TICK.toMillis());
        }
    }

    private void begin(Job job) {
        StopSignal stop = new StopSignal(clock, job.finishBy());
        waiting.remove(job.seq());
        running.put(job.id(), new Running(job, stop));
        try {
            threads.execute(() -> carryOut(job, stop));
        } catch (RuntimeException e) {
            running.remove(job.id());
            waiting.put(job.seq(), job);
            throw e;
        }
    }

    private void carryOut(Job job, StopSignal stop) {
        Optional<Instant> againAt = Optional.of(clock.instant().plus(TROUBLE_PAUSE));
        try {
            Entry entry = find(job.id());
            againAt = runs.run(entry, read(entry), stop).againAt();
        } catch (RuntimeException e) {
            LOG.errorf(
                    e,
                    "command=%s could not be carried on; it goes on from its last durable state in a while",
                    job.id());
        } finally {
            ended(job, againAt);
        }
    }

    private void ended(Job job, Optional<Instant> againAt) {
        synchronized (this) {
            running.remove(job.id());
            againAt.ifPresent(at -> waiting.put(job.seq(), job.again(at)));
            notifyAll();
        }
        onEnd.run();
    }

    /** Stops: nothing more begins, and what runs is asked to stop and waited for; what does not end goes on after the next start. */
    @Override
    public void close() {
        synchronized (this) {
            isStopping = true;
            notifyAll();
        }
        long until = System.nanoTime() + limits.grace().toNanos();
        try {
            thread.join(TICK.toMillis() * 5);
            threads.shutdown();
            do {
                synchronized (this) {
                    running.values().forEach(now -> now.stop().shutDown());
                }
            } while (!threads.awaitTermination(TICK.toMillis(), TimeUnit.MILLISECONDS) && System.nanoTime() < until);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
