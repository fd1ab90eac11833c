package dev.upkeep.common.run;

import dev.upkeep.common.Check;
import dev.upkeep.common.command.Origin;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.result.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The state of one run; the newest record per key is the whole truth. A run over many databases is written in parts, so that
 * no record grows with the fleet: part 0 has the run's id as its key, part n {@code <run>#n}, and each repeats the head.
 *
 * @param status how far the run as a whole is
 * @param reasons why it was rejected or skipped as a whole
 * @param asOf the instant from which ages are counted: a policy's nominal time, a request's acceptance
 * @param at when this state was written
 * @param validity the window of its commands; absent for a rejected request
 * @param databases number of targets over all parts
 * @param steps the tasks, in part 0 only
 * @param targets this part's databases
 */
public record RunState(
        RunId run,
        Origin origin,
        Status status,
        List<Reason> reasons,
        Instant asOf,
        Instant at,
        Optional<Validity> validity,
        boolean dryRun,
        Optional<String> planHash,
        int databases,
        int part,
        int parts,
        List<Step> steps,
        List<Target> targets) {
    /** The most targets in one part. */
    public static final int PART_SIZE = 500;

    /** How far a run is. */
    public enum Status {
        /** Accepted; its targets are frozen, its commands are sent or wait for their wave. */
        ACCEPTED,
        /** Refused as a whole; no command was sent. */
        REJECTED,
        /** Not started, on purpose: paused, overlap, blackout. */
        SKIPPED,
        /** Every target has ended. */
        ENDED
    }

    public RunState {
        Check.present("run", run);
        Check.present("origin", origin);
        Check.present("status", status);
        reasons = Check.list("reasons", reasons);
        Check.present("asOf", asOf);
        Check.present("at", at);
        Check.between("databases", databases, 0, 10_000_000);
        Check.between("parts", parts, 1, 1_000_000);
        Check.between("part", part, 0, parts - 1);
        steps = Check.list("steps", steps);
        targets = Check.list("targets", targets);
        Check.between("targets", targets.size(), 0, PART_SIZE);
    }

    /** The record's key on the runs topic. */
    public String key() {
        return part == 0 ? run.text() : run.text() + "#" + part;
    }
}
