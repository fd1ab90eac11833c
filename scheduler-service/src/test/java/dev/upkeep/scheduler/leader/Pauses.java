package dev.upkeep.scheduler.leader;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/** The longest time for which the collection of garbage has stopped this JVM. Thread-safe. */
final class Pauses {
    private final AtomicLong longest = new AtomicLong();

    private Pauses() {}

    /** From now on. */
    static Pauses watch() {
        Pauses pauses = new Pauses();
        ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(collector -> !collector.getName().contains("Concurrent"))
                .forEach(collector -> ((NotificationEmitter) collector)
                        .addNotificationListener(
                                (notification, handback) -> {
                                    long took = GarbageCollectionNotificationInfo.from(
                                                    (CompositeData) notification.getUserData())
                                            .getGcInfo()
                                            .getDuration();
                                    pauses.longest.accumulateAndGet(took, Math::max);
                                },
                                null,
                                null));
        return pauses;
    }

    /** In milliseconds. */
    long longest() {
        return longest.get();
    }
}
