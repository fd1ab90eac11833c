package dev.upkeep.reporter.notify;

import dev.upkeep.reporter.history.History;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Carries what is in the outbox of one way out, and tries again with pauses that double from two seconds to five minutes. Says once
 * that its way out is down, and once that it is up again. One thread uses it.
 */
final class Courier {
    private static final Logger LOG = Logger.getLogger(Courier.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final History history;
    private final WayOut way;
    private final Clock clock;
    private boolean down;
    private Instant refreshed = Instant.EPOCH;

    Courier(History history, WayOut way, Clock clock) {
        this.history = history;
        this.way = way;
        this.clock = clock;
    }

    /** Carries what is due; returns how many notices were told. */
    int round() throws InterruptedException {
        List<Notice> notices =
                history.write(session -> Outbox.take(session, way.name(), way.gathering(), clock.instant()));
        if (notices.isEmpty()) {
            return refresh();
        }
        try {
            way.tell(notices);
        } catch (IOException e) {
            failed(notices, String.valueOf(e.getMessage()));
            return 0;
        }
        history.write(session -> {
            Outbox.done(session, notices);
            return notices.size();
        });
        if (down) {
            LOG.infof("way out %s works again notices=%d", way.name(), notices.size());
        }
        down = false;
        return notices.size();
    }

    /** Tells a receiver that forgets what fires; when that fails it is simply done again at the next interval. */
    private int refresh() throws InterruptedException {
        Instant now = clock.instant();
        boolean due =
                way.refresh().map(every -> !refreshed.plus(every).isAfter(now)).orElse(false);
        if (!due) {
            return 0;
        }
        refreshed = now;
        List<Notice> firing = history.read(session -> Outbox.firing(session, now));
        try {
            if (!firing.isEmpty()) {
                way.tell(firing);
            }
        } catch (IOException e) {
            LOG.debugf("way out %s could not be refreshed: %s", way.name(), e.getMessage());
        }
        return 0;
    }

    private void failed(List<Notice> notices, String problem) {
        int attempts = notices.get(0).attempts() + 1;
        Instant due = clock.instant().plus(pauseAfter(attempts));
        history.write(session -> {
            Outbox.failed(session, notices, problem, due);
            return due;
        });
        if (!down) {
            LOG.warnf("way out %s does not take alerts, tried again from now on: %s", way.name(), problem);
        }
        down = true;
    }

    static Duration pauseAfter(int attempts) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(attempts - 1, 10));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }
}
