package dev.upkeep.scheduler.firing;

import dev.upkeep.common.command.Origin;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.scheduler.control.Controls;
import dev.upkeep.scheduler.fleet.Fleet;
import dev.upkeep.scheduler.policy.OnFinding;
import dev.upkeep.scheduler.policy.Policy;
import dev.upkeep.scheduler.policy.PolicySet;
import dev.upkeep.scheduler.run.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Notices findings that policies answer, and on which databases an answer is due. A finding counts only if it is younger than the
 * last answer to it, so that a result that is read twice is answered once; cooldown and daily cap keep further ones away.
 *
 * <p>All that it knows of earlier answers comes from runs, so that a new leader knows the same. For one thread.
 */
public final class Reactions {
    private static final Duration DAY = Duration.ofHours(24);

    private record Pair(PolicyName policy, DatabaseId database) {}

    private final Map<Pair, TreeSet<Instant>> answers = new HashMap<>();
    private final Map<PolicyName, Map<DatabaseId, String>> due = new LinkedHashMap<>();

    /** Learns of answers given before. */
    public void recall(Collection<Run> runs) {
        runs.stream().filter(run -> run.head().plan().reaction()).forEach(this::given);
    }

    /** Takes an answer that was written. */
    public void given(Run run) {
        run.head().plan().policy().ifPresent(policy -> {
            due.remove(policy);
            run.targets()
                    .forEach(target -> answers.computeIfAbsent(
                                    new Pair(policy, target.database()), pair -> new TreeSet<>())
                            .add(run.head().asOf()));
        });
    }

    /** Notices what this result has found. It must be one that was asked for. */
    public void note(Result result, PolicySet policies, Fleet fleet, Collection<Control> controls, Instant now) {
        List<Policy> answering = result.dryRun() ? List.of() : policies.answering();
        if (answering.isEmpty()) {
            return;
        }
        Optional<RegisteredDatabase> database = fleet.find(result.executor()).stream()
                .flatMap(executor -> executor.databases().stream())
                .filter(candidate -> candidate.id().equals(result.database()))
                .findFirst();
        for (Policy policy : answering) {
            boolean isOwn = result.origin().kind() == Origin.Kind.POLICY
                    && result.origin().name().equals(policy.name().text());
            OnFinding rule = policy.schedule().onFinding().orElseThrow();
            Optional<Finding> finding = result.tasks().stream()
                    .flatMap(task -> task.findings().stream())
                    .filter(rule::matches)
                    .findFirst();
            if (!isOwn
                    && finding.isPresent()
                    && database.filter(found -> policy.select().matches(result.executor(), found))
                            .isPresent()
                    && mayAct(policy, controls, now)
                    && isNews(policy, rule, result, now)) {
                due.computeIfAbsent(policy.name(), name -> new LinkedHashMap<>())
                        .putIfAbsent(result.database(), text(finding.get(), result));
            }
        }
    }

    private static boolean mayAct(Policy policy, Collection<Control> controls, Instant now) {
        return !policy.paused()
                && Controls.againstFiring(controls, policy.name()).isEmpty()
                && policy.validity(now).isPresent();
    }

    private boolean isNews(Policy policy, OnFinding rule, Result result, Instant now) {
        TreeSet<Instant> given = answers.get(new Pair(policy.name(), result.database()));
        if (given == null || given.isEmpty()) {
            return true;
        }
        Instant found = result.endedAt().isBefore(now) ? result.endedAt() : now;
        Instant last = given.last();
        return found.isAfter(last)
                && !last.plus(rule.pause()).isAfter(now)
                && given.tailSet(now.minus(DAY), false).size() < rule.most();
    }

    private static String text(Finding finding, Result result) {
        String object = finding.object().isEmpty() ? "" : " of " + finding.object();
        return finding.check() + object + " is " + EnumText.of(finding.severity()) + ": " + finding.value() + " (limit "
                + finding.threshold() + "), by command " + result.command();
    }

    /** Whether no answer is due. */
    public boolean isEmpty() {
        return due.isEmpty();
    }

    /** The databases to be answered, by policy, with what was found. */
    public Map<PolicyName, Map<DatabaseId, String>> due() {
        return due;
    }

    /** Drops what is due for a policy that is not there any more. */
    public void drop(PolicyName policy) {
        due.remove(policy);
    }
}
