package dev.upkeep.common.result;

import dev.upkeep.common.Check;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Origin;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.RunId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The one terminal event of a command, written from the executor's journal. It may be published again after a crash, byte
 * for byte the same; readers keep one per command.
 *
 * @param asOf the command's
 * @param reasons why it ended so; empty for a good end
 * @param attempts how often it was begun; 0 if never
 * @param receivedAt when the executor journalled the command
 * @param tasks one for each task that was begun or refused, in order
 */
public record Result(
        CommandId command,
        RunId run,
        Origin origin,
        DatabaseId database,
        ExecutorId executor,
        Instant asOf,
        boolean dryRun,
        Outcome outcome,
        List<Reason> reasons,
        int attempts,
        Instant receivedAt,
        Optional<Instant> startedAt,
        Instant endedAt,
        List<TaskResult> tasks) {
    public Result {
        Check.present("command", command);
        Check.present("run", run);
        Check.present("origin", origin);
        Check.present("database", database);
        Check.present("executor", executor);
        Check.present("asOf", asOf);
        Check.present("outcome", outcome);
        reasons = Check.list("reasons", reasons);
        Check.between("attempts", attempts, 0, 1_000_000);
        Check.present("receivedAt", receivedAt);
        Check.present("endedAt", endedAt);
        tasks = Check.list("tasks", tasks);
    }

    /** The one of this command. */
    public static Result of(
            Command command,
            Outcome outcome,
            List<Reason> reasons,
            int attempts,
            Instant receivedAt,
            Optional<Instant> startedAt,
            Instant endedAt,
            List<TaskResult> tasks) {
        return new Result(
                command.id(),
                command.run(),
                command.origin(),
                command.database(),
                command.executor(),
                command.asOf(),
                command.dryRun(),
                outcome,
                reasons,
                attempts,
                receivedAt,
                startedAt,
                endedAt,
                tasks);
    }
}
