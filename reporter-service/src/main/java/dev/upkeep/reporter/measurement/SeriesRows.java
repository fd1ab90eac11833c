package dev.upkeep.reporter.measurement;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.reporter.history.Json;
import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.result.ResultRows;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps measurements: each series with its newest level or its sum, and its samples. What would exceed the bounds is dropped
 * and counted.
 *
 * <p>Remembers ids of series across transactions; {@link #forget} after one that was undone. Not thread-safe.
 */
public final class SeriesRows {
    private static final int REMEMBERED = 20_000;

    private record Key(String database, String name, String unit, Measurement.Kind kind, String labels) {}

    private record SampleKey(Key series, Instant at) {}

    private static final class Newest {
        private final String executor;
        private Instant at;
        private double value;

        Newest(String executor, Instant at, double value) {
            this.executor = executor;
            this.at = at;
            this.value = value;
        }
    }

    private final int most;
    private final int mostPerName;
    private final Map<Key, Optional<Long>> remembered = new LinkedHashMap<>(1_000, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Optional<Long>> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Bounds as in {@link MetricsConfig}. */
    public SeriesRows(int most, int mostPerName) {
        this.most = most;
        this.mostPerName = mostPerName;
    }

    /** Forgets what it remembers of the database's content. */
    public void forget() {
        remembered.clear();
    }

    /** Stores the measurements of results that were not seen before; returns how many were dropped. */
    public int store(Session session, List<Result> fresh, Instant now) {
        Map<Key, Newest> series = new LinkedHashMap<>();
        Map<SampleKey, Double> samples = new LinkedHashMap<>();
        Map<Map<String, String>, String> texts = new HashMap<>();
        for (Result result : fresh) {
            for (TaskResult task : result.tasks()) {
                Instant at = ResultRows.notAhead(task.endedAt().orElse(result.endedAt()), now);
                for (Measurement measurement : task.measurements()) {
                    gather(result, measurement, at, texts, series, samples);
                }
            }
        }
        Map<Key, Long> ids = ids(session, series);
        update(session, series, ids);
        return insert(session, samples, ids);
    }

    private static void gather(
            Result result,
            Measurement measurement,
            Instant at,
            Map<Map<String, String>, String> texts,
            Map<Key, Newest> series,
            Map<SampleKey, Double> samples) {
        boolean counts = measurement.kind() == Measurement.Kind.COUNT;
        if (counts && result.dryRun()) {
            return;
        }
        Key key = new Key(
                result.database().text(),
                measurement.name(),
                measurement.unit(),
                measurement.kind(),
                texts.computeIfAbsent(measurement.labels(), Json::text));
        Newest newest = series.get(key);
        if (newest == null) {
            series.put(key, new Newest(result.executor().text(), at, measurement.value()));
        } else {
            boolean newer = !at.isBefore(newest.at);
            newest.value = counts ? newest.value + measurement.value() : newer ? measurement.value() : newest.value;
            newest.at = newer ? at : newest.at;
        }
        samples.merge(new SampleKey(key, at), measurement.value(), (before, next) -> counts ? before + next : next);
    }

    private Map<Key, Long> ids(Session session, Map<Key, Newest> wanted) {
        Map<Key, Long> ids = new LinkedHashMap<>();
        try (Session.Query<Long> stored = session.query(
                "SELECT id FROM series WHERE db = ? AND name = ? AND unit = ? AND kind = ? AND labels = ?",
                row -> row.number(1))) {
            wanted.forEach((key, newest) -> {
                Optional<Long> known = remembered.get(key);
                Optional<Long> id = known != null
                        ? known
                        : stored.first(key.database(), key.name(), key.unit(), key.kind(), key.labels())
                                .or(() -> create(session, key, newest));
                remembered.put(key, id);
                id.ifPresent(number -> ids.put(key, number));
            });
        }
        return ids;
    }

    private Optional<Long> create(Session session, Key key, Newest newest) {
        boolean full = !MetricNames.isAllowed(key.name())
                || session.number("SELECT count(*) FROM series WHERE db = ? AND name = ?", key.database(), key.name())
                        >= mostPerName
                || session.number("SELECT count(*) FROM series") >= most;
        if (full) {
            return Optional.empty();
        }
        return session.first(
                "INSERT INTO series (name, unit, kind, db, labels, executor, value, at) VALUES (?, ?, ?, ?, ?, ?, 0, 0)"
                        + " ON CONFLICT (db, name, unit, kind, labels) DO UPDATE SET executor = excluded.executor"
                        + " RETURNING id",
                row -> row.number(1),
                key.name(),
                key.unit(),
                key.kind(),
                key.database(),
                key.labels(),
                newest.executor);
    }

    private static void update(Session session, Map<Key, Newest> series, Map<Key, Long> ids) {
        try (Session.Bulk level =
                        session.bulk("UPDATE series SET value = ?, executor = ?, at = ? WHERE id = ? AND at <= ?");
                Session.Bulk sum = session.bulk("UPDATE series SET value = value + ?, executor = ?,"
                        + " at = CASE WHEN at > ? THEN at ELSE ? END WHERE id = ?")) {
            ids.forEach((key, id) -> {
                Newest newest = series.get(key);
                if (newest == null) {
                    return;
                }
                if (key.kind() == Measurement.Kind.COUNT) {
                    sum.add(newest.value, newest.executor, newest.at, newest.at, id);
                } else {
                    level.add(newest.value, newest.executor, newest.at, id, newest.at);
                }
            });
            level.run();
            sum.run();
        }
    }

    private static int insert(Session session, Map<SampleKey, Double> samples, Map<Key, Long> ids) {
        int dropped = 0;
        try (Session.Bulk insert = session.bulk("INSERT INTO sample (series, at, value) VALUES (?, ?, ?)"
                + " ON CONFLICT (series, at) DO UPDATE SET value = excluded.value")) {
            for (Map.Entry<SampleKey, Double> sample : samples.entrySet()) {
                Long id = ids.get(sample.getKey().series());
                if (id == null) {
                    dropped++;
                } else {
                    insert.add(id, sample.getKey().at(), sample.getValue());
                }
            }
            insert.run();
        }
        return dropped;
    }
}
