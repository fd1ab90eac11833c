package dev.upkeep.executor.register;

import dev.upkeep.common.fleet.Lane;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/**
 * Finds the topics, works out the lane, and then states this executor at every heartbeat, at once when something changed, and a
 * last time when it stops. Thread-safe.
 */
public final class Registrar implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Registrar.class);
    private static final Duration LOOK = Duration.ofSeconds(2);

    private final Self self;
    private final TopicLook topics;
    private final Capabilities capabilities;
    private final Probe probe;
    private final Producer<String, byte[]> producer;
    private final Records records;
    private final Semaphore news = new Semaphore(0);
    private final Thread thread = new Thread(this::run, "register");
    private volatile Optional<IntConsumer> onLanes = Optional.empty();
    private volatile boolean isStopping;
    private volatile String problem = "not yet registered";

    /** The caller closes the producer. */
    public Registrar(
            Self self,
            TopicLook topics,
            Capabilities capabilities,
            Databases probed,
            Producer<String, byte[]> producer,
            Records records) {
        this.self = self;
        this.topics = topics;
        this.capabilities = capabilities;
        this.probe = probed.probe(this::wake);
        this.producer = producer;
        this.records = records;
        thread.setDaemon(true);
    }

    /** How the databases are looked at. */
    @FunctionalInterface
    public interface Databases {
        /** @param onChange to be called when something changed */
        Probe probe(Runnable onChange);
    }

    /** @param onLanes told once, on the registrar's thread, the number of lanes, when the topics are there */
    public void start(IntConsumer onLanes) {
        this.onLanes = Optional.of(onLanes);
        probe.start();
        thread.start();
    }

    /** Something that is stated has changed. */
    public void wake() {
        news.release();
    }

    /** Why this executor is not registered; empty if it is. */
    public String problem() {
        return problem;
    }

    private void run() {
        try {
            int lanes = awaitTopics();
            if (lanes > 0 && remember()) {
                onLanes.ifPresent(told -> told.accept(lanes));
            }
            while (!isStopping) {
                state(lanes, false);
                if (news.tryAcquire(self.heartbeat().toMillis(), TimeUnit.MILLISECONDS)) {
                    news.drainPermits();
                }
            }
            if (lanes > 0) {
                state(lanes, true);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int awaitTopics() throws InterruptedException {
        while (!isStopping) {
            TopicLook.Seen seen = topics.look();
            if (seen.problem().isEmpty()) {
                return seen.lanes();
            }
            changed(seen.problem());
            if (news.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                news.drainPermits();
            }
        }
        return 0;
    }

    /** Finds out, before the first command is taken, whether this executor had another journal before; false if it is to stop. */
    private boolean remember() throws InterruptedException {
        while (!isStopping) {
            try {
                topics.lastWord().compare(self);
                return true;
            } catch (KafkaException e) {
                changed("cannot read what this executor last said of itself: " + e.getMessage());
                if (news.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                    news.drainPermits();
                }
            }
        }
        return false;
    }

    private void state(int lanes, boolean stopping) throws InterruptedException {
        Registration registration = new Registration(
                self.executor(),
                self.version(),
                self.host(),
                self.startedAt(),
                records.clock().instant(),
                self.heartbeat(),
                Lane.of(self.executor(), lanes),
                lanes,
                stopping,
                capabilities.databases(probe),
                capabilities.tools(),
                capabilities.guardrails().summary(),
                self.journal().recoveredAt(),
                Optional.of(self.journal().born()));
        try {
            producer.send(records.of(Message.REGISTRATION, registration, Optional.empty()))
                    .get(stopping ? 3 : 30, TimeUnit.SECONDS);
            changed("");
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            changed("cannot register: " + (e.getCause() == null ? e : e.getCause()).getMessage());
        }
    }

    private void changed(String now) {
        if (!now.equals(problem)) {
            if (now.isEmpty()) {
                LOG.infof("registered as %s", self.executor());
            } else {
                LOG.warn(now);
            }
        }
        problem = now;
    }

    @Override
    public void close() {
        isStopping = true;
        probe.close();
        wake();
        try {
            thread.join(4_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
