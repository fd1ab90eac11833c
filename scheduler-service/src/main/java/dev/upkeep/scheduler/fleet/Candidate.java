package dev.upkeep.scheduler.fleet;

import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.result.Reason;
import java.util.Optional;

/**
 * One database that a selector means, with the executor that cares for it.
 *
 * @param refusal why the executor cannot do the tasks
 * @param note why the command may have to wait: the executor is offline
 */
public record Candidate(
        RegisteredDatabase database, Registration executor, Optional<Reason> refusal, Optional<Reason> note) {}
