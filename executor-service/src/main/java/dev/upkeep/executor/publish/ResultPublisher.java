package dev.upkeep.executor.publish;

import dev.upkeep.executor.journal.Outbox;
import dev.upkeep.executor.journal.Outgoing;
import dev.upkeep.executor.operation.CrashPoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jboss.logging.Logger;

/**
 * Publishes what waits in the outbox, in its order, until the broker has acknowledged each. While the broker is away it tries
 * again, ever more slowly, and the records stay in the journal; after a crash a record may be sent a second time, with the same
 * bytes. A record that the broker finds too large is published in ever shorter forms; one without a shorter form is given up, so that
 * it holds up no other. Thread-safe.
 */
public final class ResultPublisher implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ResultPublisher.class);
    private static final int BATCH = 100;
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final Outbox outbox;
    private final Producer<String, byte[]> producer;
    private final Semaphore news = new Semaphore(0);
    private final Thread thread = new Thread(this::publish, "results");
    private final AtomicLong oversized = new AtomicLong();
    private volatile boolean isStopping;
    private volatile String problem = "";

    /** The caller closes the producer. */
    public ResultPublisher(Outbox outbox, Producer<String, byte[]> producer) {
        this.outbox = outbox;
        this.producer = producer;
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** Something was put into the outbox. */
    public void wake() {
        news.release();
    }

    /** Why nothing can be published at the moment; empty if all is well. */
    public String problem() {
        return problem;
    }

    /** How many records the broker found too large, each time that it did. */
    public long oversized() {
        return oversized.get();
    }

    private void publish() {
        Duration pause = LOOK;
        try {
            while (true) {
                boolean isWell = publishPending();
                if (isStopping && (!isWell || outbox.size() == 0)) {
                    return;
                }
                pause = isWell ? LOOK : shorter(pause.multipliedBy(2), LONGEST_PAUSE);
                if (news.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    news.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private boolean publishPending() throws InterruptedException {
        try {
            List<Outgoing> pending = outbox.pending(BATCH);
            while (!pending.isEmpty()) {
                if (!isSettled(pending)) {
                    return false;
                }
                pending = outbox.pending(BATCH);
            }
            changed("");
            return true;
        } catch (RuntimeException e) { // whatever it is: the one publisher must go on trying
            changed(String.valueOf(e));
            return false;
        }
    }

    /** Sends these, and whether each is with the broker now, or has become shorter and can be sent at once. */
    private boolean isSettled(List<Outgoing> pending) throws InterruptedException {
        CrashPoint.hit("before-send");
        List<Future<RecordMetadata>> futures = new ArrayList<>();
        for (Outgoing outgoing : pending) {
            futures.add(producer.send(outgoing.record()));
        }
        List<Outgoing> acknowledged = new ArrayList<>();
        boolean isSettled = true;
        for (int i = 0; i < futures.size(); i++) {
            try {
                futures.get(i).get();
                acknowledged.add(pending.get(i));
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RecordTooLargeException tooLarge) {
                    shorten(pending.get(i), tooLarge);
                } else {
                    changed(String.valueOf((e.getCause() == null ? e : e.getCause()).getMessage()));
                    isSettled = false;
                }
            }
        }
        CrashPoint.hit("after-send");
        outbox.sent(acknowledged);
        return isSettled;
    }

    private void shorten(Outgoing outgoing, RecordTooLargeException cause) {
        oversized.incrementAndGet();
        String what = outgoing.record().topic() + " record of " + outgoing.size() + " bytes, key "
                + outgoing.record().key() + ", is too large for the broker: " + cause.getMessage();
        Optional<ProducerRecord<String, byte[]>> shorter = ShortForm.of(outgoing.record());
        if (shorter.isPresent()) {
            LOG.warnf("a shorter form is published: %s", what);
            outbox.replace(outgoing, shorter.get());
        } else {
            LOG.errorf("never published, as there is no shorter form: %s", what);
            outbox.sent(List.of(outgoing));
        }
    }

    private void changed(String now) {
        if (problem.isEmpty() != now.isEmpty()) {
            if (now.isEmpty()) {
                LOG.info("results can be published again");
            } else {
                LOG.warnf("results cannot be published at the moment and are kept in the journal: %s", now);
            }
        }
        problem = now;
    }

    /** Publishes what waits, if the broker takes it, for at most this long; what is left stays in the journal. */
    public void drain(Duration most) {
        isStopping = true;
        wake();
        try {
            thread.join(Math.max(1, most.toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
