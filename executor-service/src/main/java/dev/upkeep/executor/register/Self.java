package dev.upkeep.executor.register;

import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.executor.journal.Journal;
import java.time.Duration;
import java.time.Instant;

/** Who this executor is while it runs, and its memory. */
public record Self(
        ExecutorId executor, String version, String host, Instant startedAt, Duration heartbeat, Journal journal) {}
