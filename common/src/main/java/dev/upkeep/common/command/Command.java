package dev.upkeep.common.command;

import dev.upkeep.common.Check;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.RunId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The ordered tasks of one run for one database.
 *
 * @param asOf the instant from which ages are counted; a purge deletes what is older than {@code asOf - keep}, however often
 *     or late the command is carried out
 * @param issuedAt when the scheduler wrote it, by its clock
 * @param planHash carry out a purge only if the plan still has this hash (64 hexadecimal digits, from a dry run)
 */
public record Command(
        CommandId id,
        RunId run,
        Origin origin,
        DatabaseId database,
        ExecutorId executor,
        Instant asOf,
        Instant issuedAt,
        Validity validity,
        boolean dryRun,
        Optional<String> planHash,
        List<Step> steps)
        implements LaneMessage {
    public Command {
        Check.present("id", id);
        Check.present("run", run);
        Check.present("origin", origin);
        Check.present("database", database);
        Check.present("executor", executor);
        Check.present("asOf", asOf);
        Check.present("issuedAt", issuedAt);
        Check.present("validity", validity);
        planHash.ifPresent(PlanHash::check);
        steps = Check.notEmpty("steps", steps);
        Check.between("steps", steps.size(), 1, 20);
    }

    /** The same, issued at another time. */
    public Command issuedAt(Instant time) {
        return new Command(id, run, origin, database, executor, asOf, time, validity, dryRun, planHash, steps);
    }
}
