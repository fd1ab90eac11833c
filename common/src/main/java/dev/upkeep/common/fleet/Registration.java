package dev.upkeep.common.fleet;

import dev.upkeep.common.Check;
import dev.upkeep.common.id.ExecutorId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An executor's statement of itself, repeated at every heartbeat, so that the newest record per key is the whole truth.
 *
 * @param version Upkeep's version
 * @param host the host's name, for people
 * @param startedAt when the process started
 * @param at when this statement was made
 * @param heartbeat the time until the next one; an executor silent for three of them counts as offline
 * @param lane the partition of the commands topic that it reads
 * @param lanes the number of partitions by which it chose the lane
 * @param guardrails its local limits in words, by name, so that people see why something will be refused
 * @param recoveredAt set when its journal had to be started anew: commands older than this are not run by themselves
 * @param journalBornAt when its journal began; an executor that finds another birth than its own here has lost its journal
 */
public record Registration(
        ExecutorId executor,
        String version,
        String host,
        Instant startedAt,
        Instant at,
        Duration heartbeat,
        Lane lane,
        int lanes,
        boolean stopping,
        List<RegisteredDatabase> databases,
        List<Tool> tools,
        Map<String, String> guardrails,
        Optional<Instant> recoveredAt,
        Optional<Instant> journalBornAt) {
    /** Of an executor that does not say when its journal began, as those before 0.1 did not. */
    public Registration(
            ExecutorId executor,
            String version,
            String host,
            Instant startedAt,
            Instant at,
            Duration heartbeat,
            Lane lane,
            int lanes,
            boolean stopping,
            List<RegisteredDatabase> databases,
            List<Tool> tools,
            Map<String, String> guardrails,
            Optional<Instant> recoveredAt) {
        this(
                executor,
                version,
                host,
                startedAt,
                at,
                heartbeat,
                lane,
                lanes,
                stopping,
                databases,
                tools,
                guardrails,
                recoveredAt,
                Optional.empty());
    }

    public Registration {
        Check.present("executor", executor);
        Check.line("version", version, 64);
        Check.line("host", host, 255);
        Check.present("startedAt", startedAt);
        Check.present("at", at);
        Check.positive("heartbeat", heartbeat);
        Check.present("lane", lane);
        Check.between("lanes", lanes, lane.number() + 1, 100_000);
        databases = Check.list("databases", databases);
        tools = Check.list("tools", tools);
        guardrails = Check.map("guardrails", guardrails);
    }

    /** Whether the executor must be taken as gone: it said so, or it missed three heartbeats. */
    public boolean isOffline(Instant now) {
        return stopping || at.plus(heartbeat.multipliedBy(3)).isBefore(now);
    }
}
