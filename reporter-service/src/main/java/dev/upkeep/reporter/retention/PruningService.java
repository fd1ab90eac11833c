package dev.upkeep.reporter.retention;

import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.history.HistoryConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Prunes the history once an hour, on a thread of its own. */
@Singleton
public final class PruningService {
    private static final Logger LOG = Logger.getLogger(PruningService.class);

    private final Pruning pruning;
    private final Clock clock;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "pruning"));

    @Inject
    PruningService(History history, HistoryConfig config, Clock clock) {
        this.pruning = new Pruning(history, config.keep(), config.keepSamples());
        this.clock = clock;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // prune() lets nothing out
    void start(@Observes StartupEvent started) {
        thread.scheduleWithFixedDelay(this::prune, 5, 60, TimeUnit.MINUTES);
    }

    void stop(@Observes ShutdownEvent stopped) {
        thread.shutdownNow();
    }

    private void prune() {
        try {
            long gone = pruning.prune(clock.instant());
            if (gone > 0) {
                LOG.infof("pruned the history rows=%d", gone);
            }
        } catch (RuntimeException e) {
            LOG.warn("the history could not be pruned; it is tried again in an hour", e);
        }
    }
}
