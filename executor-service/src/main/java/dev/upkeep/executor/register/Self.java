package dev.upkeep.executor.register;

import dev.upkeep.common.id.ExecutorId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What does not change about this executor while it runs. */
public record Self(
        ExecutorId executor,
        String version,
        String host,
        Instant startedAt,
        Duration heartbeat,
        Optional<Instant> recoveredAt) {}
