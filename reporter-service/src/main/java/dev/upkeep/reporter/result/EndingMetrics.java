package dev.upkeep.reporter.result;

import dev.upkeep.common.wire.EnumText;
import dev.upkeep.reporter.history.Json;
import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.metric.Families;
import dev.upkeep.reporter.metric.MetricSource;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Shows how tasks last ended, when, how long ago it was good, and counters of all ends. */
@Singleton
final class EndingMetrics implements MetricSource {
    private static final String COUNTED = "Counted since the history began.";

    @Override
    public void show(Families families, Session session, Instant now) {
        Map<String, Instant> newest = new HashMap<>();
        for (Ending ending : EndingRows.all(session)) {
            Ending.End last = ending.last();
            if (last.started()) {
                newest.merge(last.database(), last.at(), (a, b) -> a.isAfter(b) ? a : b);
            }
            if (last.subject().startsWith(Ends.TASK)) {
                task(families, ending);
            }
        }
        newest.forEach((database, at) -> families.time(
                "upkeep_database_last_result_timestamp_seconds",
                "When the newest result of a database ended; a database that falls silent stands still here.",
                Map.of("database", database),
                at));
        boolean dropped = session.number("SELECT count(*) FROM tally WHERE name = ?", Tally.DROPPED_MEASUREMENTS) > 0;
        if (!dropped) {
            families.counter("upkeep_" + Tally.DROPPED_MEASUREMENTS + "_total", COUNTED, Map.of(), 0);
        }
        session.list("SELECT name, labels, value FROM tally", row -> {
            Map<String, String> labels = Json.labels(row.text(2));
            String name = "upkeep_" + row.text(1) + "_total";
            families.counter(name, COUNTED, labels, row.figure(3));
            return name;
        });
    }

    private static void task(Families families, Ending ending) {
        Ending.End last = ending.last();
        Map<String, String> labels =
                Map.of("database", last.database(), "task", last.subject().substring(Ends.TASK.length()));
        families.time("upkeep_task_last_end_timestamp_seconds", "When a task last ended.", labels, last.at());
        ending.goodAt()
                .ifPresent(at -> families.time(
                        "upkeep_task_last_success_timestamp_seconds",
                        "When a task last ended well: succeeded, or nothing to do.",
                        labels,
                        at));
        last.took()
                .ifPresent(took -> families.gauge(
                        "upkeep_task_last_duration_seconds",
                        "How long a task last took.",
                        labels,
                        took.toMillis() / 1000.0));
        Map<String, String> outcome = new HashMap<>(labels);
        outcome.put("outcome", EnumText.of(last.outcome()));
        families.gauge("upkeep_task_last_outcome", "Always 1; the label says how a task last ended.", outcome, 1);
    }
}
