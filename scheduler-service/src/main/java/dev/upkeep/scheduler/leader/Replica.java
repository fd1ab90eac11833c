package dev.upkeep.scheduler.leader;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.sign.Signer;
import dev.upkeep.scheduler.feed.FleetFeed;
import dev.upkeep.scheduler.policy.Policies;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.CommonClientConfigs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One replica with its three threads: it follows fleet and controls, it watches the policy files, and it stands by or leads. */
public final class Replica {
    private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

    /** Few replicas may knock at a broker that comes back more often than many executors; it shortens the time without a leader. */
    private static final String RECONNECT = "500";

    private final Scheduler scheduler;
    private final Standing standing;
    private final FleetFeed feed;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(task -> thread(task, "upkeep-policies"));
    private List<Thread> threads = List.of();

    private Replica(Scheduler scheduler, Standing standing, FleetFeed feed) {
        this.scheduler = scheduler;
        this.standing = standing;
        this.feed = feed;
    }

    /** How a replica behaves, before it is put into its world. */
    public static final class Setup {
        private final String name;
        private Duration sessionTimeout = Duration.ofSeconds(6);
        private Duration grace = Duration.ofMinutes(1);
        private Duration remembered = Duration.ofDays(3);
        private Optional<Signer> signer = Optional.empty();

        private Setup(String name) {
            this.name = name;
        }

        /** A leader that the group has not heard of for so long is replaced. */
        public Setup sessionTimeout(Duration timeout) {
            sessionTimeout = timeout;
            return this;
        }

        /** Results may come so long after a command's end. */
        public Setup grace(Duration time) {
            grace = time;
            return this;
        }

        /** Ended runs are remembered for so long. */
        public Setup remembers(Duration time) {
            remembered = time;
            return this;
        }

        /** Commands and cancels are signed by it. */
        public Setup signs(Optional<Signer> by) {
            signer = by;
            return this;
        }

        /** The replica, not yet started. */
        public Replica in(KafkaSettings given, World world, FleetFeed feed) {
            KafkaSettings kafka = given.preferring(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, RECONNECT);
            LeaderSettings settings = new LeaderSettings(
                    kafka.topics().prefix() + "scheduler", name, sessionTimeout, grace, remembered, signer);
            Standing standing = new Standing();
            return new Replica(new Scheduler(kafka, settings, world, feed, standing), standing, feed);
        }
    }

    /** A replica of this name, unlike that of any other. */
    public static Setup named(String name) {
        return new Setup(name);
    }

    /** Where it stands. */
    public Standing standing() {
        return standing;
    }

    /** Reads the policies and starts the threads. */
    @SuppressWarnings("FutureReturnValueIgnored") // the repeated task never ends and catches what it meets
    public void start(Policies policies, Duration reload, FleetFeed fleetFeed) {
        policies.reload();
        watch.scheduleWithFixedDelay(() -> look(policies), reload.toMillis(), reload.toMillis(), TimeUnit.MILLISECONDS);
        threads = List.of(thread(fleetFeed, "upkeep-fleet"), thread(scheduler, "upkeep-scheduler"));
        threads.forEach(Thread::start);
    }

    private static void look(Policies policies) {
        try {
            policies.reload();
        } catch (RuntimeException e) {
            LOG.error("policy files could not be looked at", e);
        }
    }

    private static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Gives up the lead, if this replica has it, and ends the threads. */
    public void stop() {
        watch.shutdownNow();
        scheduler.stop();
        feed.stop();
        for (Thread thread : threads) {
            try {
                thread.join(10_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
