package dev.upkeep.executor.intake;

import dev.upkeep.common.fleet.Lane;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.executor.journal.Arrival;
import dev.upkeep.executor.journal.Journal;
import dev.upkeep.executor.journal.JournalFailure;
import dev.upkeep.executor.operation.CrashPoint;
import dev.upkeep.executor.run.Dispatcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;

/**
 * Reads the lane: polls, journals, commits the offset, hands over. What was not journalled is not acknowledged, and will be read
 * again. While too much waits, or the journal or the broker is in trouble, it does not poll; since the partition is assigned by
 * hand, no group notices. Its thread does not end before {@link #close}.
 */
public final class LaneReader implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LaneReader.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration TROUBLE_PAUSE = Duration.ofSeconds(2);

    private final KafkaSettings kafka;
    private final TopicPartition partition;
    private final String group;
    private final Intake intake;
    private final Journal journal;
    private final Dispatcher dispatcher;
    private final Runnable onOutbox;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread = new Thread(this::read, "lane");
    private volatile Optional<KafkaConsumer<String, byte[]>> consumer = Optional.empty();
    private volatile String problem = "the lane was not yet read";

    LaneReader(
            KafkaSettings kafka,
            Lane lane,
            String group,
            Intake intake,
            Journal journal,
            Dispatcher dispatcher,
            Runnable onOutbox) {
        this.kafka = kafka;
        this.partition = new TopicPartition(kafka.topics().name(Topic.COMMANDS), lane.number());
        this.group = group;
        this.intake = intake;
        this.journal = journal;
        this.dispatcher = dispatcher;
        this.onOutbox = onOutbox;
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** Why commands cannot be taken at the moment; empty if all is well. */
    public String problem() {
        return problem;
    }

    private void read() {
        while (!isStopping(Duration.ZERO)) {
            Map<String, Object> settings = kafka.consumer();
            settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
            try (KafkaConsumer<String, byte[]> lane = new KafkaConsumer<>(settings)) {
                lane.assign(List.of(partition));
                consumer = Optional.of(lane);
                read(lane);
            } catch (WakeupException e) {
                LOG.debug("the lane reader was woken up to stop");
            } catch (RuntimeException e) {
                trouble(e);
            }
            consumer = Optional.empty();
            isStopping(TROUBLE_PAUSE);
        }
    }

    private void trouble(RuntimeException failure) {
        String now = String.valueOf(failure.getMessage());
        if (!now.equals(problem)) {
            boolean isExpected = failure instanceof KafkaException || failure instanceof JournalFailure;
            LOG.errorf(
                    isExpected ? null : failure,
                    "commands cannot be taken at the moment, and stay on the topic: %s",
                    now);
        }
        problem = now;
    }

    private void read(KafkaConsumer<String, byte[]> lane) {
        while (!isStopping(Duration.ZERO)) {
            if (dispatcher.isFull()) {
                isStopping(PAUSE);
                continue;
            }
            ConsumerRecords<String, byte[]> polled = lane.poll(POLL);
            if (!problem.isEmpty()) {
                lane.position(partition);
                LOG.infof("commands are taken from %s", partition);
                problem = "";
            }
            if (!polled.isEmpty()) {
                take(polled);
                CrashPoint.hit("before-commit");
                lane.commitSync();
                CrashPoint.hit("after-commit");
            }
        }
    }

    private void take(ConsumerRecords<String, byte[]> polled) {
        CrashPoint.hit("after-poll");
        List<Arrival> arrivals = intake.read(polled);
        if (arrivals.isEmpty()) {
            return;
        }
        List<Arrival.Effect> effects = journal.receive(arrivals);
        CrashPoint.hit("after-journal");
        List<CommandId> accepted = new ArrayList<>();
        for (int i = 0; i < effects.size(); i++) {
            Arrival arrival = arrivals.get(i);
            switch (effects.get(i)) {
                case ACCEPTED -> accepted.add(((Arrival.Ordered) arrival).id());
                case CANCELLED ->
                    dispatcher.cancel(((Arrival.Cancelled) arrival).cancel().command());
                case CONFLICT ->
                    LOG.errorf(
                            "command=%s another command has this id: not carried out, kept as a dead letter; a defect or an attack",
                            ((Arrival.Ordered) arrival).id());
                case REPEATED -> {
                    if (arrival instanceof Arrival.Ordered repeated) {
                        dispatcher.offerIfForgotten(repeated.id());
                    }
                }
                case REFUSED, NONE -> LOG.debugf("%s: %s", effects.get(i), arrival);
            }
        }
        accepted.forEach(dispatcher::offer);
        onOutbox.run();
    }

    private boolean isStopping(Duration wait) {
        try {
            return stopping.await(wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    @Override
    public void close() {
        stopping.countDown();
        consumer.ifPresent(KafkaConsumer::wakeup);
        try {
            thread.join(POLL.toMillis() * 6);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
