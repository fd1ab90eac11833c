package dev.upkeep.reporter.control;

import dev.upkeep.common.control.Control;
import dev.upkeep.reporter.history.Json;
import dev.upkeep.reporter.history.Session;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/** Keeps the controls that are or will be in force. */
public final class ControlRows {
    private ControlRows() {}

    /** Stores controls; the newest word about each counts. */
    public static void store(Session session, Collection<Control> controls) {
        for (Control control : controls) {
            session.update(
                    "INSERT INTO control (id, until, doc) VALUES (?, ?, ?)"
                            + " ON CONFLICT (id) DO UPDATE SET until = excluded.until, doc = excluded.doc",
                    control.id().text(),
                    control.until(),
                    Json.text(control));
        }
    }

    /** Controls that were lifted before their end. */
    public static void lift(Session session, Collection<String> ids) {
        ids.forEach(id -> session.update("DELETE FROM control WHERE id = ?", id));
    }

    /** Those in force. */
    public static List<Control> active(Session session, Instant now) {
        return session
                .list(
                        "SELECT doc FROM control WHERE until > ? ORDER BY id",
                        row -> Json.read(row.text(1), Control.class),
                        now)
                .stream()
                .filter(control -> control.isActive(now))
                .toList();
    }
}
