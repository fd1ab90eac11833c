package dev.upkeep.reporter.notify;

import dev.upkeep.reporter.history.History;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Gives each way out a thread of its own, so that a slow or dead one delays no other. */
@Singleton
public final class CourierService {
    private static final Logger LOG = Logger.getLogger(CourierService.class);
    private static final long PAUSE_MILLIS = 500;

    private final History history;
    private final Outbox outbox;
    private final Clock clock;
    private final List<ScheduledExecutorService> threads = new ArrayList<>();

    @Inject
    CourierService(History history, Outbox outbox, Clock clock) {
        this.history = history;
        this.outbox = outbox;
        this.clock = clock;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // round() lets nothing out
    void start(@Observes StartupEvent started) {
        for (WayOut way : outbox.ways()) {
            Courier courier = new Courier(history, way, clock);
            ScheduledExecutorService thread =
                    Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "way-out-" + way.name()));
            thread.scheduleWithFixedDelay(() -> round(courier, way), PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            threads.add(thread);
        }
    }

    void stop(@Observes ShutdownEvent stopped) throws InterruptedException {
        threads.forEach(ScheduledExecutorService::shutdown);
        for (ScheduledExecutorService thread : threads) {
            if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        }
    }

    private static void round(Courier courier, WayOut way) {
        try {
            courier.round();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("the outbox of " + way.name() + " could not be worked on; it is again in a moment", e);
        }
    }
}
