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
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A replica as a process of its own, which says on its output where it stands. */
final class ReplicaMain {
    private ReplicaMain() {}

    /** Bootstrap servers, topic prefix, folder of policies, name, beginning of the clock, session timeout in milliseconds. */
    public static void main(String[] args) throws InterruptedException {
        KafkaSettings kafka = new KafkaSettings(args[0], new Topics(args[1]), args[3], Map.of());
        SimpleMeterRegistry registry = registry();
        Pauses pauses = Pauses.watch();
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
            Thread stats = new Thread(() -> stats(registry, world, pauses), "stats");
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

    /** One whose maxima and counts by size are of the whole time, not of the last two minutes. */
    private static SimpleMeterRegistry registry() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        registry.config().meterFilter(new MeterFilter() {
            @Override
            public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
                return DistributionStatisticConfig.builder()
                        .expiry(Duration.ofDays(1))
                        .build()
                        .merge(config);
            }
        });
        return registry;
    }

    /** Says every five seconds what the replica costs: the heap is what a collection of the JVM's own choice has left at most. */
    private static void stats(SimpleMeterRegistry registry, World world, Pauses pauses) {
        CountDownLatch never = new CountDownLatch(1);
        double heap = 0;
        try {
            while (!never.await(5, TimeUnit.SECONDS)) {
                heap = Math.max(heap, afterCollection());
                Timer tick = registry.get("upkeep.scheduler.tick").timer();
                Timer transaction = registry.get("upkeep.scheduler.transaction").timer();
                System.out.printf(
                        "STATS heap=%.0fMB ticks=%d mean=%.1fms worst=%.0fms over100ms=%d worstParts=%s"
                                + " transactions=%d mean=%.1fms worst=%.0fms rebuild=%.1fs runs=%d cpu=%.1fs gc=%.1fs"
                                + " worstPause=%dms firings=%d commands=%.0f%n",
                        heap,
                        tick.count(),
                        tick.mean(TimeUnit.MILLISECONDS),
                        tick.max(TimeUnit.MILLISECONDS),
                        longTicks(tick),
                        parts(registry),
                        transaction.count(),
                        transaction.mean(TimeUnit.MILLISECONDS),
                        transaction.max(TimeUnit.MILLISECONDS),
                        registry.get("upkeep.scheduler.rebuild").timer().totalTime(TimeUnit.SECONDS),
                        world.book().size(),
                        ProcessHandle.current()
                                        .info()
                                        .totalCpuDuration()
                                        .orElse(Duration.ZERO)
                                        .toMillis()
                                / 1e3,
                        ManagementFactory.getGarbageCollectorMXBeans().stream()
                                        .mapToLong(collector -> collector.getCollectionTime())
                                        .sum()
                                / 1e3,
                        pauses.longest(),
                        registry.get("upkeep.scheduler.firing.lag").timer().count(),
                        registry.get("upkeep.scheduler.commands").counter().count());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, Long> parts(SimpleMeterRegistry registry) {
        Map<String, Long> worst = new TreeMap<>();
        registry.get("upkeep.scheduler.tick.part")
                .timers()
                .forEach(
                        timer -> worst.put(timer.getId().getTag("part"), Math.round(timer.max(TimeUnit.MILLISECONDS))));
        return worst;
    }

    private static long longTicks(Timer tick) {
        CountAtBucket[] buckets = tick.takeSnapshot().histogramCounts();
        return buckets.length == 0 ? -1 : tick.count() - Math.round(buckets[buckets.length - 1].count());
    }

    private static double afterCollection() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                        .filter(pool -> pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null)
                        .mapToLong(pool -> pool.getCollectionUsage().getUsed())
                        .sum()
                / 1e6;
    }
}
