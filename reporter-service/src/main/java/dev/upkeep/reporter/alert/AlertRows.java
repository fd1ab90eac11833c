package dev.upkeep.reporter.alert;

import dev.upkeep.common.alert.Alert;
import dev.upkeep.reporter.alert.Standing.State;
import dev.upkeep.reporter.history.Dialect;
import dev.upkeep.reporter.history.Json;
import dev.upkeep.reporter.history.Row;
import dev.upkeep.reporter.history.Session;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Keeps alerts: one row per fingerprint. */
final class AlertRows {
    private static final String COLUMNS = "doc, state, since, gone_since, told_at";
    private static final long LOCK = 7_305_803_116_429_941_505L;

    private AlertRows() {}

    /** Whether this transaction may carry alerts on: of several replicas one at a time. */
    static boolean isOurTurn(Session session) {
        return session.dialect() == Dialect.SQLITE
                || session.first(
                                "SELECT CASE WHEN pg_try_advisory_xact_lock(?) THEN 1 ELSE 0 END",
                                row -> row.flag(1),
                                LOCK)
                        .orElse(false);
    }

    /** All that are not resolved. */
    static Map<String, Standing> open(Session session) {
        Map<String, Standing> open = new LinkedHashMap<>();
        session.list(
                        "SELECT " + COLUMNS + " FROM alert WHERE ended IS NULL ORDER BY since, fingerprint",
                        AlertRows::read)
                .forEach(standing -> open.put(standing.fingerprint(), standing));
        return open;
    }

    static void store(Session session, List<Standing> changed, List<String> dropped) {
        for (Standing standing : changed) {
            Alert alert = standing.alert();
            session.update(
                    "INSERT INTO alert (fingerprint, rule, severity, state, db, executor, since, gone_since, ended,"
                            + " told_at, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                            + " ON CONFLICT (fingerprint) DO UPDATE SET severity = excluded.severity,"
                            + " state = excluded.state, since = excluded.since, gone_since = excluded.gone_since,"
                            + " ended = excluded.ended, told_at = excluded.told_at, doc = excluded.doc",
                    alert.fingerprint(),
                    alert.rule(),
                    alert.severity(),
                    standing.state(),
                    alert.database().map(id -> id.text()),
                    alert.executor().map(id -> id.text()),
                    standing.since(),
                    standing.goneSince(),
                    alert.endsAt(),
                    standing.toldAt(),
                    Json.text(alert));
        }
        dropped.forEach(fingerprint -> session.update("DELETE FROM alert WHERE fingerprint = ?", fingerprint));
    }

    private static Standing read(Row row) {
        return new Standing(
                Json.read(row.text(1), Alert.class),
                row.constant(2, State.class),
                row.time(3),
                row.optionalTime(4),
                row.optionalTime(5));
    }
}
