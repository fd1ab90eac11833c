package dev.upkeep.reporter.alert;

import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.intake.Backlog;
import dev.upkeep.reporter.intake.Recorded;
import dev.upkeep.reporter.notify.Outbox;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Looks at the rules after each batch and at least every so often, on one thread of its own. Standings and what is to be told are
 * stored in one transaction, so that a crash neither loses nor repeats an alert. Does not look while a {@link Backlog} is read: in
 * the past much looks overdue. One INFO line per change.
 */
@Singleton
public final class AlertService {
    private static final Logger LOG = Logger.getLogger(AlertService.class);
    private static final Duration GATHERING = Duration.ofMillis(500);

    private final History history;
    private final Outbox outbox;
    private final Backlog backlog;
    private final Clock clock;
    private final List<Rule> rules;
    private final AlertSteps steps;
    private final Duration every;
    private final AtomicBoolean asked = new AtomicBoolean();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "alerts"));

    @Inject
    AlertService(History history, Outbox outbox, Backlog backlog, Clock clock, AlertConfig config) {
        this.history = history;
        this.backlog = backlog;
        this.outbox = outbox;
        this.clock = clock;
        this.rules = RulesFile.load(config.rulesFile());
        this.steps = new AlertSteps(Optional.of(config.repeat()), config.runbooks());
        this.every = config.every();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // look() lets nothing out
    void start(@Observes StartupEvent started) {
        thread.scheduleWithFixedDelay(this::look, 0, every.toMillis(), TimeUnit.MILLISECONDS);
    }

    void stop(@Observes ShutdownEvent stopped) throws InterruptedException {
        thread.shutdown();
        if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
            thread.shutdownNow();
        }
    }

    /** A batch was recorded: look soon, once for all batches of the next moment. */
    @SuppressWarnings("FutureReturnValueIgnored") // look() lets nothing out
    void ask(@Observes Recorded recorded) {
        if (!thread.isShutdown() && asked.compareAndSet(false, true)) {
            thread.schedule(this::look, GATHERING.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    void look() {
        asked.set(false);
        if (backlog.isOpen()) {
            return;
        }
        try {
            List<Alert> told = history.write(this::step);
            for (Alert alert : told) {
                LOG.infof(
                        "%s status=%s rule=%s severity=%s fingerprint=%s",
                        alert.summary(),
                        EnumText.of(alert.status()),
                        alert.rule(),
                        EnumText.of(alert.severity()),
                        alert.fingerprint());
            }
        } catch (RuntimeException e) {
            LOG.warn("the alert rules could not be looked at; they are again in " + every, e);
        }
    }

    private List<Alert> step(Session session) {
        if (!AlertRows.isOurTurn(session)) {
            return List.of();
        }
        Instant now = clock.instant();
        Facts facts = new Facts(session, now);
        Map<Rule, List<Holding>> holding = new LinkedHashMap<>();
        rules.forEach(rule -> holding.put(rule, rule.check(facts)));
        AlertSteps.Outcome outcome = steps.step(AlertRows.open(session), holding, now);
        AlertRows.store(session, outcome.changed(), outcome.dropped());
        outbox.tell(session, outcome.news(), outcome.reminders(), now);
        return outcome.news();
    }
}
