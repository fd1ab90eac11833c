package dev.upkeep.reporter.alert;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.result.Severity;
import dev.upkeep.reporter.control.ControlRows;
import dev.upkeep.reporter.finding.Episode;
import dev.upkeep.reporter.finding.FindingRows;
import dev.upkeep.reporter.history.Json;
import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.result.Ending;
import dev.upkeep.reporter.result.EndingRows;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What rules look at, read from the history when first asked for. Databases that no executor states any more are left out. */
final class Facts {
    /** A database as it was last stated, by the executor that stated it. */
    record Stated(ExecutorId executor, RegisteredDatabase database, boolean gone) {}

    private final Session session;
    private final Instant now;
    private final Map<String, Stated> fleet = new HashMap<>();
    private final List<Control> controls;
    private final List<Ending> endings;

    Facts(Session session, Instant now) {
        this.session = session;
        this.now = now;
        session.list(
                        "SELECT executor, doc, gone FROM fleet",
                        row -> new Stated(
                                new ExecutorId(row.text(1)),
                                Json.read(row.text(2), RegisteredDatabase.class),
                                row.flag(3)))
                .forEach(stated -> fleet.put(stated.database().id().text(), stated));
        this.controls = ControlRows.active(session, now);
        this.endings = EndingRows.all(session).stream()
                .filter(ending -> !isGone(ending.last().database()))
                .toList();
    }

    Instant now() {
        return now;
    }

    Session session() {
        return session;
    }

    private boolean isGone(String database) {
        Stated stated = fleet.get(database);
        return stated != null && stated.gone();
    }

    Optional<Stated> stated(String database) {
        return Optional.ofNullable(fleet.get(database)).filter(stated -> !stated.gone());
    }

    List<Stated> databases() {
        return fleet.values().stream().filter(stated -> !stated.gone()).toList();
    }

    List<Ending> endings() {
        return endings;
    }

    List<Episode> findings(Severity least) {
        return FindingRows.open(session, least).stream()
                .filter(episode -> !isGone(episode.database()))
                .toList();
    }

    List<Registration> executors() {
        return session.list("SELECT doc FROM executor", row -> Json.read(row.text(1), Registration.class));
    }

    /** The newest value of every series of one measurement. */
    List<Level> levels(String name, String unit) {
        return session
                .list(
                        "SELECT id, db, labels, value, at FROM series WHERE name = ? AND unit = ? AND kind = 'gauge'",
                        row -> new Level(
                                row.number(1), row.text(2), Json.labels(row.text(3)), row.figure(4), row.time(5)),
                        name,
                        unit)
                .stream()
                .filter(level -> !isGone(level.database()))
                .toList();
    }

    /** What a series said at or last before a time, if it is that old. */
    Optional<Double> valueAt(Level level, Instant time) {
        return session.first(
                "SELECT value FROM sample WHERE series = ? AND at <= ? ORDER BY at DESC LIMIT 1",
                row -> row.figure(1),
                level.series(),
                time);
    }

    /** The newest value of one series. */
    record Level(long series, String database, Map<String, String> labels, double value, Instant at) {}

    /** Whether a pause, blackout or hold that is in force covers the database. */
    boolean isUnderControl(String database) {
        Optional<Stated> stated = stated(database);
        return controls.stream()
                .map(Control::select)
                .anyMatch(select -> select.isEmpty()
                        || stated.filter(one -> select.get().matches(one.executor(), one.database()))
                                .isPresent());
    }
}
