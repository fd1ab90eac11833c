package dev.upkeep.reporter.finding;

import dev.upkeep.common.result.Finding;
import java.time.Instant;
import java.util.Optional;

/**
 * One finding for as long as it holds: from the first result that stated it to the first that no longer did.
 *
 * @param id empty until stored
 * @param source the task and its parameters whose result stated it last; only a result of the same source ends it
 * @param command the last command that stated it
 * @param seen when it was stated last
 */
public record Episode(
        Optional<Long> id,
        String database,
        String task,
        String source,
        Finding finding,
        String command,
        Instant since,
        Instant seen,
        Optional<Instant> ended) {

    boolean isAbout(Finding other) {
        return finding.check().equals(other.check()) && finding.object().equals(other.object());
    }

    boolean isOpen() {
        return ended.isEmpty();
    }

    Episode confirmed(Look look, Finding now) {
        return new Episode(id, database, task, look.source(), now, look.command(), since, look.at(), Optional.empty());
    }

    Episode ended(Instant at) {
        return new Episode(id, database, task, source, finding, command, since, seen, Optional.of(at));
    }
}
