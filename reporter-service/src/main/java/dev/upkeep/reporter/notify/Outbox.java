package dev.upkeep.reporter.notify;

import dev.upkeep.common.alert.Alert;
import dev.upkeep.reporter.history.Dialect;
import dev.upkeep.reporter.history.Json;
import dev.upkeep.reporter.history.Row;
import dev.upkeep.reporter.history.Session;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * What is still to be told, for each way out by itself and in order. A notice leaves the outbox when its way out took it; whoever
 * takes notices has them for a minute, and if it dies others take them then.
 */
@Singleton
public final class Outbox {
    private static final Duration LEASE = Duration.ofMinutes(1);
    private static final int MOST = 100;

    private final List<WayOut> ways;

    @Inject
    Outbox(Instance<WayOut> ways) {
        this(ways.stream().toList());
    }

    Outbox(List<WayOut> ways) {
        this.ways = ways.stream().filter(WayOut::isOn).toList();
    }

    List<WayOut> ways() {
        return ways;
    }

    /** Puts alerts into the outbox of every way out, in the caller's transaction. */
    public void tell(Session session, List<Alert> news, List<Alert> reminders, Instant now) {
        try (Session.Bulk insert = session.bulk(
                "INSERT INTO outbox (way, event, doc, created, due, attempts) VALUES (?, ?, ?, ?, ?, 0)")) {
            for (WayOut way : ways) {
                news.forEach(alert -> add(insert, way, alert, now));
                if (way.wantsReminders()) {
                    reminders.forEach(alert -> add(insert, way, alert, now));
                }
            }
            insert.run();
        }
    }

    private static void add(Session.Bulk insert, WayOut way, Alert alert, Instant now) {
        insert.add(way.name(), alert.fingerprint(), Json.text(alert), now, now);
    }

    /** Takes what a way out is to tell now: none while its oldest notice waits for another attempt. */
    static List<Notice> take(Session session, String way, Duration gathering, Instant now) {
        String claim = session.dialect() == Dialect.POSTGRESQL ? " FOR UPDATE" : "";
        List<Notice> waiting = session.list(
                "SELECT id, doc, created, due, attempts FROM outbox WHERE way = ? ORDER BY id LIMIT " + MOST + claim,
                Outbox::read,
                way);
        boolean early = waiting.isEmpty()
                || waiting.get(0).due().isAfter(now)
                || waiting.get(0).created().plus(gathering).isAfter(now);
        if (early) {
            return List.of();
        }
        waiting.forEach(notice -> session.update(
                "UPDATE outbox SET due = ?, attempts = attempts + 1 WHERE id = ?", now.plus(LEASE), notice.id()));
        return waiting.stream().sorted(Comparator.comparing(Notice::id)).toList();
    }

    /** All that fires, as notices that are in no outbox. */
    static List<Notice> firing(Session session, Instant now) {
        return session.list(
                "SELECT doc FROM alert WHERE state = 'firing' AND ended IS NULL ORDER BY since, fingerprint",
                row -> new Notice(0, Json.read(row.text(1), Alert.class), now, now, 0));
    }

    /** These were told. */
    static void done(Session session, List<Notice> told) {
        told.forEach(notice -> session.update("DELETE FROM outbox WHERE id = ?", notice.id()));
    }

    /** These were not told, and why; they are tried again at {@code due}. */
    static void failed(Session session, List<Notice> untold, String problem, Instant due) {
        untold.forEach(notice ->
                session.update("UPDATE outbox SET due = ?, problem = ? WHERE id = ?", due, problem, notice.id()));
    }

    private static Notice read(Row row) {
        return new Notice(
                row.number(1), Json.read(row.text(2), Alert.class), row.time(3), row.time(4), (int) row.number(5));
    }
}
