package dev.upkeep.executor.operation;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.task.Task;
import java.time.Instant;
import java.util.Optional;

/**
 * What is to be done.
 *
 * @param asOf the instant from which ages are counted, however late the task is done
 * @param planHash do it only if the plan has this hash
 */
public record Order<T extends Task>(
        CommandId command, T task, Instant asOf, boolean dryRun, Optional<String> planHash) {}
