package dev.upkeep.reporter.intake;

import dev.upkeep.common.result.Result;
import dev.upkeep.common.run.RunState;
import dev.upkeep.reporter.backup.BackupRows;
import dev.upkeep.reporter.cleanup.KeepRows;
import dev.upkeep.reporter.control.ControlRows;
import dev.upkeep.reporter.deadletter.DeadLetter;
import dev.upkeep.reporter.finding.FindingRows;
import dev.upkeep.reporter.fleet.FleetRows;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.history.Places;
import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.measurement.SeriesRows;
import dev.upkeep.reporter.quarantine.Quarantine;
import dev.upkeep.reporter.result.EndingRows;
import dev.upkeep.reporter.result.Ends;
import dev.upkeep.reporter.result.ResultRows;
import dev.upkeep.reporter.result.Tally;
import dev.upkeep.reporter.run.ProgressRows;
import dev.upkeep.reporter.run.RunRows;
import java.time.Clock;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes batches into the history: everything a batch says and the places it was read from, in one transaction. A batch that
 * comes twice changes nothing the second time. Of several replicas one writes at a time: what is known is read, carried on and
 * written back. Not thread-safe.
 */
final class Recorder {
    private static final long LOCK = 7_305_803_116_429_941_506L;

    private final History history;
    private final SeriesRows series;
    private final Clock clock;

    Recorder(History history, SeriesRows series, Clock clock) {
        this.history = history;
        this.series = series;
        this.clock = clock;
    }

    /** Returns how many results were new. */
    int record(Batch batch) {
        return record(List.of(batch).iterator());
    }

    /** Records batches one after the other in one transaction; returns how many results were new. */
    int record(Iterator<Batch> batches) {
        try {
            return history.write(session -> {
                session.lock(LOCK);
                int fresh = 0;
                while (batches.hasNext()) {
                    fresh += record(session, batches.next(), clock.instant());
                }
                return fresh;
            });
        } catch (RuntimeException e) {
            series.forget();
            throw e;
        }
    }

    private int record(Session session, Batch batch, Instant now) {
        Tally tally = new Tally();
        FleetRows.store(session, present(batch.executors()));
        FleetRows.forget(session, absent(batch.executors()));
        ControlRows.store(session, present(batch.controls()));
        ControlRows.lift(session, absent(batch.controls()));

        List<RunState> runs = RunRows.store(session, batch.runs().values());
        List<Result> fresh =
                ResultRows.store(session, Quarantine.sift(session, batch.results(), runs, tally, now), now);
        EndingRows.store(
                session,
                fresh.stream().flatMap(result -> Ends.of(result, now).stream()).toList());
        EndingRows.storeStated(
                session,
                runs.stream().flatMap(run -> Ends.of(run, now).stream()).toList());
        FindingRows.store(session, fresh, now);
        BackupRows.store(session, fresh, now);
        KeepRows.store(session, fresh, now);
        int dropped = series.store(session, fresh, now);
        ProgressRows.store(session, batch.progress().values());
        ProgressRows.end(session, fresh);
        DeadLetter.store(session, batch.deadLetters());

        tally.count(fresh);
        if (dropped > 0) {
            tally.raise(Tally.DROPPED_MEASUREMENTS, dropped, Map.of());
        }
        batch.deadLetters().forEach(letter -> tally.raise("dead_letters", 1, Map.of("topic", letter.sourceTopic())));
        tally.store(session);
        batch.places()
                .forEach(
                        (place, next) -> Places.note(session, place.topic(), place.partition(), place.topicId(), next));
        return fresh.size();
    }

    private static <T> List<T> present(Map<String, Optional<T>> values) {
        return values.values().stream().flatMap(Optional::stream).toList();
    }

    private static List<String> absent(Map<String, ?> values) {
        return values.entrySet().stream()
                .filter(entry -> entry.getValue().equals(Optional.empty()))
                .map(Map.Entry::getKey)
                .toList();
    }
}
