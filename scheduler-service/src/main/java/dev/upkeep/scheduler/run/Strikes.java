package dev.upkeep.scheduler.run;

import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.ControlId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.request.Glob;
import dev.upkeep.common.request.Selector;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.run.Target;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Counts how often in a row a policy ended badly on a database, and says when it must be paused there. Worked out again from the
 * runs after a change of leader. For one thread.
 */
public final class Strikes {
    /** How long an automatic pause lasts, unless somebody ends it. */
    public static final Duration PAUSE = Duration.ofDays(7);

    private record Pair(PolicyName policy, DatabaseId database) {}

    private final Map<Pair, Integer> counts = new HashMap<>();

    /** Counts the databases of runs that have ended already, the earliest run first; asks for no pause. */
    public void recall(List<Run> runs, Instant now) {
        for (Run run : runs) {
            if (run.head().plan().pauseAfter().isPresent()) {
                run.targets().forEach(target -> note(run, target, now));
            }
        }
    }

    /** Counts one database that ended; a control to be set if that was one bad end too many. */
    public Optional<Control> note(Run run, Target target, Instant now) {
        Optional<Integer> most = run.head().plan().pauseAfter();
        Optional<PolicyName> policy = run.head().plan().policy();
        if (most.isEmpty() || policy.isEmpty() || target.outcome().isEmpty()) {
            return Optional.empty();
        }
        Outcome outcome = target.outcome().get();
        Pair pair = new Pair(policy.get(), target.database());
        if (outcome.isGood()) {
            counts.remove(pair);
        } else if (target.sentAt().isPresent() && Tally.isFailure(outcome)) {
            int count = counts.merge(pair, 1, Integer::sum);
            if (count >= most.get()) {
                counts.remove(pair);
                return Optional.of(pause(pair, count, target, now));
            }
        }
        return Optional.empty();
    }

    private static Control pause(Pair pair, int count, Target target, Instant now) {
        CRC32C crc = new CRC32C();
        crc.update(pair.database().text().getBytes(StandardCharsets.UTF_8));
        String last = target.reasons().isEmpty()
                ? target.outcome().orElseThrow().name()
                : target.reasons().get(0).toString();
        String reason = "ended badly " + count + " times in a row on " + pair.database() + ", at last: " + last;
        return new Control(
                new ControlId("auto-" + pair.policy() + "-" + Long.toHexString(crc.getValue())),
                Control.Kind.PAUSE,
                Optional.of(pair.policy()),
                Optional.of(new Selector(
                        List.of(), List.of(), List.of(new Glob(pair.database().text())), List.of(), false)),
                "scheduler",
                dev.upkeep.common.InvalidValue.shown(reason),
                now,
                now.plus(PAUSE));
    }
}
