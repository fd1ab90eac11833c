package dev.upkeep.scheduler.fleet;

import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps one copy of what most databases of a fleet have in common, the list of their tasks: as each executor sends it, it would be
 * most of a large fleet's memory. Thread-safe.
 */
final class Shared {
    /** Lists in use at one time are few; a fleet that keeps changing them must not fill the memory. */
    private static final int MOST = 1_000;

    private final Map<List<String>, List<String>> lists = new ConcurrentHashMap<>();

    /** The same registration with shared lists. */
    Registration of(Registration stated) {
        return new Registration(
                stated.executor(),
                stated.version(),
                stated.host(),
                stated.startedAt(),
                stated.at(),
                stated.heartbeat(),
                stated.lane(),
                stated.lanes(),
                stated.stopping(),
                stated.databases().stream().map(this::of).toList(),
                stated.tools(),
                stated.guardrails(),
                stated.recoveredAt(),
                stated.journalBornAt());
    }

    private RegisteredDatabase of(RegisteredDatabase stated) {
        return new RegisteredDatabase(
                stated.id(),
                stated.engine(),
                stated.version(),
                stated.labels(),
                stated.problem(),
                list(stated.tasks()),
                stated.refusals(),
                stated.systemIdentifier());
    }

    private List<String> list(List<String> stated) {
        if (lists.size() >= MOST) {
            lists.clear();
        }
        List<String> known = lists.putIfAbsent(stated, stated);
        return known == null ? stated : known;
    }
}
