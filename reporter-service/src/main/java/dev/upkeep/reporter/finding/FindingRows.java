package dev.upkeep.reporter.finding;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.Severity;
import dev.upkeep.reporter.history.Row;
import dev.upkeep.reporter.history.Session;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keeps findings as episodes. */
public final class FindingRows {
    static final String COLUMNS =
            "id, db, task, source, check_name, object, severity, value, threshold, origin, advice,"
                    + " command, since, seen, ended";

    private record Key(String database, String task) {}

    private FindingRows() {}

    /** Carries the episodes on by results that were not seen before. */
    public static void store(Session session, List<Result> fresh, Instant now) {
        Map<Key, List<Look>> looks = new LinkedHashMap<>();
        for (Result result : fresh) {
            for (Look look : Look.of(result, now)) {
                looks.computeIfAbsent(new Key(look.database(), look.task()), key -> new java.util.ArrayList<>())
                        .add(look);
            }
        }
        try (Session.Query<Episode> open = session.query(
                        "SELECT " + COLUMNS + " FROM finding WHERE db = ? AND task = ? AND ended IS NULL",
                        FindingRows::read);
                Session.Query<Optional<Instant>> newest =
                        session.query("SELECT at FROM look WHERE db = ? AND source = ?", row -> row.optionalTime(1))) {
            looks.forEach((key, ofTask) -> {
                List<Episode> before = open.list(key.database(), key.task());
                Map<String, Instant> at = new HashMap<>();
                ofTask.stream()
                        .map(Look::source)
                        .distinct()
                        .forEach(source -> newest.first(key.database(), source)
                                .flatMap(time -> time)
                                .ifPresent(time -> at.put(source, time)));
                Episodes episodes = new Episodes(before, at);
                ofTask.stream().sorted(Comparator.comparing(Look::at)).forEach(episodes::see);
                write(session, key.database(), before, episodes);
            });
        }
    }

    private static void write(Session session, String database, List<Episode> before, Episodes after) {
        for (Episode episode : after.episodes()) {
            if (episode.id().isEmpty()) {
                insert(session, episode);
            } else if (!before.contains(episode)) {
                update(session, episode);
            }
        }
        after.looked()
                .forEach((source, at) -> session.update(
                        "INSERT INTO look (db, source, at) VALUES (?, ?, ?)"
                                + " ON CONFLICT (db, source) DO UPDATE SET at = excluded.at WHERE excluded.at >= look.at",
                        database,
                        source,
                        at));
    }

    private static void insert(Session session, Episode episode) {
        Finding finding = episode.finding();
        session.update(
                "INSERT INTO finding (db, task, source, check_name, object, severity, value, threshold, origin, advice,"
                        + " command, since, seen, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                episode.database(),
                episode.task(),
                episode.source(),
                finding.check(),
                finding.object(),
                finding.severity(),
                finding.value(),
                finding.threshold(),
                finding.origin(),
                finding.advice(),
                episode.command(),
                episode.since(),
                episode.seen(),
                episode.ended());
    }

    private static void update(Session session, Episode episode) {
        Finding finding = episode.finding();
        session.update(
                "UPDATE finding SET source = ?, severity = ?, value = ?, threshold = ?, origin = ?, advice = ?,"
                        + " command = ?, seen = ?, ended = ? WHERE id = ?",
                episode.source(),
                finding.severity(),
                finding.value(),
                finding.threshold(),
                finding.origin(),
                finding.advice(),
                episode.command(),
                episode.seen(),
                episode.ended(),
                episode.id().orElseThrow());
    }

    /** All open findings of at least this severity, on databases that are still stated. */
    public static List<Episode> open(Session session, Severity least) {
        return session
                .list("SELECT " + COLUMNS + " FROM finding WHERE ended IS NULL ORDER BY id", FindingRows::read)
                .stream()
                .filter(episode -> episode.finding().severity().compareTo(least) >= 0)
                .toList();
    }

    static Episode read(Row row) {
        Finding finding = new Finding(
                row.text(5),
                row.constant(7, Severity.class),
                row.text(6),
                row.text(8),
                row.text(9),
                row.text(10),
                row.text(11));
        return new Episode(
                Optional.of(row.number(1)),
                row.text(2),
                row.text(3),
                row.text(4),
                finding,
                row.text(12),
                row.time(13),
                row.time(14),
                row.optionalTime(15));
    }
}
