package dev.upkeep.reporter.result;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.reporter.history.Row;
import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.result.Ending.End;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keeps one {@link Ending} per database and subject. */
public final class EndingRows {
    private static final String COLUMNS = "db, subject, outcome, started, code, message, command, run, executor, at,"
            + " took_ms, nominal_at, every_ms, good_at, partials";

    private record Key(String database, String subject) {}

    private EndingRows() {}

    /** Folds ends that come from results. */
    public static void store(Session session, List<End> ends) {
        fold(session, ends, false);
    }

    /** Folds ends that come from the scheduler: where the executor's own word is known, that stands. */
    public static void storeStated(Session session, List<End> ends) {
        fold(session, ends, true);
    }

    private static void fold(Session session, List<End> ends, boolean stated) {
        Map<Key, Optional<Ending>> folded = new LinkedHashMap<>();
        try (Session.Query<Ending> stored =
                session.query("SELECT " + COLUMNS + " FROM ending WHERE db = ? AND subject = ?", EndingRows::read)) {
            for (End end : ends) {
                Key key = new Key(end.database(), end.subject());
                Optional<Ending> before = folded.computeIfAbsent(key, k -> stored.first(k.database(), k.subject()));
                boolean known =
                        before.isPresent() && before.get().last().command().equals(end.command());
                if (stated && known) {
                    continue;
                }
                Ending after =
                        before.map(b -> known ? b.corrected(end) : b.then(end)).orElseGet(() -> Ending.first(end));
                folded.put(key, Optional.of(after));
            }
        }
        write(session, folded);
    }

    private static void write(Session session, Map<Key, Optional<Ending>> folded) {
        try (Session.Bulk upsert = session.bulk("INSERT INTO ending (" + COLUMNS
                + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (db, subject) DO UPDATE SET outcome = excluded.outcome, started = excluded.started,"
                + " code = excluded.code, message = excluded.message, command = excluded.command, run = excluded.run,"
                + " executor = excluded.executor, at = excluded.at, took_ms = excluded.took_ms,"
                + " nominal_at = excluded.nominal_at, every_ms = excluded.every_ms, good_at = excluded.good_at,"
                + " partials = excluded.partials")) {
            folded.values().stream().flatMap(Optional::stream).forEach(ending -> {
                End last = ending.last();
                upsert.add(
                        last.database(),
                        last.subject(),
                        last.outcome(),
                        last.started(),
                        last.reason().map(Reason::code),
                        last.reason().map(Reason::message),
                        last.command(),
                        last.run(),
                        last.executor(),
                        last.at(),
                        last.took(),
                        ending.nominalAt(),
                        ending.every(),
                        ending.goodAt(),
                        ending.partials());
            });
            upsert.run();
        }
    }

    /** All of them: at most databases times subjects. */
    public static List<Ending> all(Session session) {
        return session.list("SELECT " + COLUMNS + " FROM ending ORDER BY db, subject", EndingRows::read);
    }

    /** Those of one database. */
    public static List<Ending> of(Session session, String database) {
        return session.list(
                "SELECT " + COLUMNS + " FROM ending WHERE db = ? ORDER BY subject", EndingRows::read, database);
    }

    private static Ending read(Row row) {
        Optional<Reason> reason = row.optionalText(5).map(code -> new Reason(row.constant(5, Code.class), row.text(6)));
        End last = new End(
                row.text(1),
                row.text(2),
                row.constant(3, Outcome.class),
                row.flag(4),
                reason,
                row.text(7),
                row.text(8),
                row.text(9),
                row.time(10),
                row.optionalDuration(11),
                Optional.empty());
        return new Ending(
                last, row.optionalTime(12), row.optionalDuration(13), row.optionalTime(14), (int) row.number(15));
    }
}
