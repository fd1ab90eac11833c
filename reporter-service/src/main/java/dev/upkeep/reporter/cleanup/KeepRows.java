package dev.upkeep.reporter.cleanup;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.wire.Durations;
import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.result.ResultRows;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the retention of each table: what the newest purge of each policy was told, however it ended. Rules with conditions are left
 * out, since by them rows may be older than their retention for good reason; so are requests, which happen once.
 */
public final class KeepRows {
    private KeepRows() {}

    /** The retention of one table. */
    public record Keep(String database, String table, Duration keep, Instant at) {}

    /** Stores what results that were not seen before say; older ones change nothing. */
    public static void store(Session session, List<Result> fresh, Instant now) {
        for (Result result : fresh) {
            boolean repeats = !result.dryRun() && result.run().text().contains("@");
            for (TaskResult task : result.tasks()) {
                if (repeats && task.task().equals("purge")) {
                    store(
                            session,
                            result,
                            task.parameters().path("rules"),
                            ResultRows.notAhead(task.endedAt().orElse(result.endedAt()), now));
                }
            }
        }
    }

    private static void store(Session session, Result result, JsonNode rules, Instant at) {
        String database = result.database().text();
        String origin = result.origin().name();
        boolean late =
                session.number("SELECT count(*) FROM keep WHERE db = ? AND origin = ? AND at > ?", database, origin, at)
                        > 0;
        if (late) {
            return;
        }
        session.update("DELETE FROM keep WHERE db = ? AND origin = ?", database, origin);
        for (JsonNode rule : rules) {
            Optional<Duration> keep = keep(rule);
            keep.filter(time -> rule.path("where").isEmpty())
                    .ifPresent(time -> session.update(
                            "INSERT INTO keep (db, origin, table_name, keep_ms, at) VALUES (?, ?, ?, ?, ?)"
                                    + " ON CONFLICT (db, origin, table_name) DO NOTHING",
                            database,
                            origin,
                            rule.path("table").asText(),
                            time,
                            at));
        }
    }

    private static Optional<Duration> keep(JsonNode rule) {
        try {
            return Optional.of(Durations.parse(rule.path("keep").asText()));
        } catch (InvalidValue e) {
            return Optional.empty();
        }
    }

    /** Those that were told since a time. */
    public static List<Keep> since(Session session, Instant since) {
        return session.list(
                "SELECT db, table_name, keep_ms, at FROM keep WHERE at >= ? ORDER BY db, table_name",
                row -> new Keep(row.text(1), row.text(2), Duration.ofMillis(row.number(3)), row.time(4)),
                since);
    }
}
