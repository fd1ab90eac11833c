package dev.upkeep.executor.run;

import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.executor.database.Databases;
import dev.upkeep.executor.fence.Fences;
import dev.upkeep.executor.governor.Governor;
import dev.upkeep.executor.operation.Catalogue;
import java.time.Clock;

/** What there is to work with on this host. */
public record Host(
        ExecutorId executor, Clock clock, Databases databases, Catalogue catalogue, Governor governor, Fences fences) {}
