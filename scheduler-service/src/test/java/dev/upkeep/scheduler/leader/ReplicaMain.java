package dev.upkeep.scheduler.leader;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.scheduler.control.Controls;
import dev.upkeep.scheduler.feed.FleetFeed;
import dev.upkeep.scheduler.fleet.Fleet;
import dev.upkeep.scheduler.metric.SchedulerMetrics;
import dev.upkeep.scheduler.policy.Policies;
import dev.upkeep.scheduler.request.RequestLimits;
import dev.upkeep.scheduler.run.RunBook;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A replica as a process of its own, which says on its output where it stands. */
final class ReplicaMain {
    private ReplicaMain() {}

    /** Bootstrap servers, topic prefix, folder of policies, name, beginning of the clock, session timeout in milliseconds. */
    public static void main(String[] args) throws InterruptedException {
        KafkaSettings kafka = new KafkaSettings(args[0], new Topics(args[1]), args[3], Map.of());
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        World world = new World(
                new FastClock(Long.parseLong(args[4])),
                new Fleet(),
                new Controls(),
                new Policies(Path.of(args[2])),
                new RunBook(Duration.ofDays(3), 100_000),
                new RequestLimits(100_000, 1_000, Duration.ofDays(6), Duration.ofDays(6)),
                new SchedulerMetrics(registry));
        FleetFeed feed = new FleetFeed(kafka, world.fleet(), world.controls());
        Replica replica = Replica.named(args[3])
                .sessionTimeout(Duration.ofMillis(Long.parseLong(args[5])))
                .in(kafka, world, feed);
        replica.start(world.policies(), Duration.ofSeconds(1), feed);
        Runtime.getRuntime().addShutdownHook(new Thread(replica::stop));
        if (Boolean.getBoolean("upkeep.test.stats")) {
            Thread stats = new Thread(() -> stats(registry, world), "stats");
            stats.setDaemon(true);
            stats.start();
        }
        Standing.Role before = null;
        CountDownLatch never = new CountDownLatch(1);
        do {
            Standing.Role role = replica.standing().role();
            if (role != before) {
                System.out.println(
                        "ROLE " + ProcessHandle.current().pid() + " " + role + " " + System.currentTimeMillis());
                before = role;
            }
        } while (!never.await(20, TimeUnit.MILLISECONDS));
    }

    /** Says every ten seconds what the replica costs: the heap is what is left after a collection. */
    private static void stats(SimpleMeterRegistry registry, World world) {
        CountDownLatch never = new CountDownLatch(1);
        double worst = 0;
        double heap = 0;
        try {
            while (!never.await(10, TimeUnit.SECONDS)) {
                System.gc();
                Runtime runtime = Runtime.getRuntime();
                heap = Math.max(heap, (runtime.totalMemory() - runtime.freeMemory()) / 1e6);
                Timer tick = registry.get("upkeep.scheduler.tick").timer();
                worst = Math.max(worst, tick.max(TimeUnit.MILLISECONDS));
                Timer transaction = registry.get("upkeep.scheduler.transaction").timer();
                System.out.printf(
                        "STATS heap=%.0fMB tick mean=%.1fms worst=%.0fms transactions=%d mean=%.1fms rebuild=%.1fs"
                                + " runs=%d cpu=%.1fs%n",
                        heap,
                        tick.mean(TimeUnit.MILLISECONDS),
                        worst,
                        transaction.count(),
                        transaction.mean(TimeUnit.MILLISECONDS),
                        registry.get("upkeep.scheduler.rebuild").timer().totalTime(TimeUnit.SECONDS),
                        world.book().size(),
                        ProcessHandle.current()
                                        .info()
                                        .totalCpuDuration()
                                        .orElse(Duration.ZERO)
                                        .toMillis()
                                / 1e3);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
