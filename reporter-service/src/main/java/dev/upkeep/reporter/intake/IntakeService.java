package dev.upkeep.reporter.intake;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.kafka.NeededTopics;
import dev.upkeep.reporter.measurement.MetricsConfig;
import dev.upkeep.reporter.measurement.SeriesRows;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the intake going on a thread of its own for as long as the service lives. Whatever fails, it is said once, and the intake
 * starts anew from the places in the history after a pause that grows to half a minute.
 */
@Singleton
public final class IntakeService {
    private static final Logger LOG = Logger.getLogger(IntakeService.class);
    private static final Duration TOPICS_EVERY = Duration.ofSeconds(10);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final Connections connections;
    private final Intake.Kafka kafka;
    private final History history;
    private final Recorder recorder;
    private final IntakeConfig config;
    private final NeededTopics topics;
    private final Event<Recorded> recorded;
    private final Thread thread = new Thread(this::run, "intake");
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition stopAsked = lock.newCondition();
    private volatile boolean stopping;
    private volatile @Nullable Intake current;
    private volatile Optional<String> problem = Optional.of("has not begun to read");

    @Inject
    IntakeService(
            Connections connections,
            History history,
            IntakeConfig config,
            MetricsConfig metrics,
            NeededTopics topics,
            Event<Recorded> recorded) {
        this.connections = connections;
        this.kafka = new Intake.Kafka(
                connections.settings(), connections.admin(), connections.producer(), connections.records());
        this.history = history;
        this.recorder = new Recorder(
                history, new SeriesRows(metrics.mostSeries(), metrics.mostSeriesPerName()), connections.clock());
        this.config = config;
        this.topics = topics;
        this.recorded = recorded;
    }

    /** What it needs of Kafka. */
    @Singleton
    record Connections(
            KafkaSettings settings,
            Admin admin,
            Producer<String, byte[]> producer,
            Records records,
            Backlog backlog,
            Clock clock) {}

    void start(@Observes StartupEvent started) {
        thread.start();
    }

    void stop(@Observes ShutdownEvent stopped) throws InterruptedException {
        stopping = true;
        lock.lock();
        try {
            stopAsked.signalAll();
        } finally {
            lock.unlock();
        }
        Intake intake = current;
        if (intake != null) {
            intake.wake();
        }
        thread.join(10_000);
    }

    /** Why it does not read at the moment, if so. */
    public Optional<String> problem() {
        return problem;
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        while (!stopping) {
            Optional<String> missing = topics.problem();
            if (missing.isPresent()) {
                say(missing.get());
                pause(FIRST_PAUSE);
                continue;
            }
            try (Intake intake = new Intake(kafka, history, recorder, config)) {
                current = intake;
                intake.begin();
                long looked = System.nanoTime();
                while (!stopping) {
                    if (System.nanoTime() - looked > TOPICS_EVERY.toNanos()) {
                        missing = topics.problem();
                        if (missing.isEmpty()) {
                            intake.refresh();
                        }
                        looked = System.nanoTime();
                    }
                    if (missing.isPresent()) {
                        say(missing.get());
                        break;
                    }
                    int records = intake.turn(Duration.ofSeconds(1));
                    pause = FIRST_PAUSE;
                    problem = Optional.empty();
                    if (connections.backlog().isOpen() && intake.isAtTheEnd()) {
                        connections.backlog().isRead();
                    }
                    if (records > 0) {
                        LOG.debugf("recorded records=%d", records);
                        recorded.fire(new Recorded(records));
                    }
                }
            } catch (WakeupException e) {
                LOG.debug("the intake was woken to stop");
            } catch (RuntimeException e) {
                say(e.toString());
                pause(pause);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
            } finally {
                current = null;
            }
        }
    }

    private void say(String what) {
        if (!problem.equals(Optional.of(what))) {
            LOG.warnf("the intake waits: %s", what);
        }
        problem = Optional.of(what);
    }

    private void pause(Duration time) {
        lock.lock();
        try {
            long left = time.toNanos();
            while (!stopping && left > 0) {
                left = stopAsked.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopping = true;
        } finally {
            lock.unlock();
        }
    }
}
