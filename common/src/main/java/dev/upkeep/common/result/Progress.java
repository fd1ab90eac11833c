package dev.upkeep.common.result;

import dev.upkeep.common.Check;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.RunId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What happens to a command before it ends. Best effort and bounded in number: never the only record of anything.
 *
 * @param step the position of the task in the command, from 0
 * @param percent of the task, 0 to 100
 * @param message for people: the reason of a pause, what is being worked on
 */
public record Progress(
        CommandId command,
        RunId run,
        DatabaseId database,
        ExecutorId executor,
        Instant at,
        Kind kind,
        Optional<Integer> step,
        Optional<String> task,
        Optional<Double> percent,
        Optional<Duration> timeLeft,
        Optional<String> message) {
    /** The kinds of progress. */
    public enum Kind {
        ACCEPTED,
        STARTED,
        STEP,
        PERCENT,
        THROTTLED,
        RETRYING,
        STEP_ENDED
    }

    public Progress {
        Check.present("command", command);
        Check.present("run", run);
        Check.present("database", database);
        Check.present("executor", executor);
        Check.present("at", at);
        Check.present("kind", kind);
    }
}
