package dev.upkeep.scheduler.fleet;

import dev.upkeep.common.command.Step;
import dev.upkeep.common.fleet.Refusal;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.request.Selector;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Says which databases a selector means, for policies, requests and previews alike. Pure: the same registrations give the same
 * answer. A database that two executors claim goes to the one that is online and reaches it, else to the first by name. An
 * executor that is offline keeps its databases: the command waits for it as long as its window allows.
 */
public final class Resolver {
    private Resolver() {}

    /** The databases in the order of their ids. */
    public static List<Candidate> resolve(
            Selector select, List<Step> steps, Collection<Registration> executors, Instant now) {
        return resolve(select, steps, executors, database -> true, now);
    }

    /** Those of them that are asked for. */
    public static List<Candidate> resolve(
            Selector select,
            List<Step> steps,
            Collection<Registration> executors,
            Predicate<DatabaseId> only,
            Instant now) {
        Map<DatabaseId, Candidate> chosen = new TreeMap<>();
        for (Registration executor : executors) {
            boolean offline = executor.isOffline(now);
            for (RegisteredDatabase database : executor.databases()) {
                if (only.test(database.id()) && select.matches(executor.executor(), database)) {
                    Candidate candidate = new Candidate(
                            database, executor, refusal(executor, database, steps), note(executor, offline));
                    chosen.merge(database.id(), candidate, Resolver::better);
                }
            }
        }
        return List.copyOf(chosen.values());
    }

    private static Candidate better(Candidate a, Candidate b) {
        int rank = Integer.compare(rank(a), rank(b));
        if (rank == 0) {
            rank = a.executor().executor().compareTo(b.executor().executor());
        }
        return rank <= 0 ? a : b;
    }

    private static int rank(Candidate candidate) {
        return (candidate.note().isPresent() ? 2 : 0)
                + (candidate.database().problem().isPresent() ? 1 : 0);
    }

    private static Optional<Reason> note(Registration executor, boolean offline) {
        return offline
                ? Optional.of(new Reason(
                        Code.EXECUTOR_OFFLINE,
                        "executor " + executor.executor()
                                + (executor.stopping() ? " stopped at " : " was last heard at ") + executor.at()
                                + "; the command waits for it"))
                : Optional.empty();
    }

    private static Optional<Reason> refusal(Registration executor, RegisteredDatabase database, List<Step> steps) {
        for (Step step : steps) {
            String task = step.task().name();
            Optional<Refusal> refused = database.refusals().stream()
                    .filter(refusal -> refusal.task().equals(task))
                    .findFirst();
            if (refused.isPresent()) {
                return Optional.of(new Reason(
                        Code.UNSUPPORTED,
                        "executor " + executor.executor() + " refuses " + task + " on " + database.id() + ": "
                                + refused.get().reason()));
            }
            if (!database.tasks().contains(task)) {
                return Optional.of(new Reason(
                        Code.UNSUPPORTED,
                        "executor " + executor.executor() + ", version " + executor.version() + ", offers no " + task
                                + " for " + database.id() + "; it offers: " + String.join(", ", database.tasks())));
            }
        }
        return Optional.empty();
    }
}
