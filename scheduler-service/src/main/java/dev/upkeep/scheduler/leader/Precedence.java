package dev.upkeep.scheduler.leader;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.scheduler.policy.Overlap;
import dev.upkeep.scheduler.run.Run;
import dev.upkeep.scheduler.run.RunBook;
import dev.upkeep.scheduler.run.RunPlan;
import dev.upkeep.scheduler.run.Turns;
import java.util.List;
import java.util.Optional;

/** What a run has to wait for: earlier runs of its policy if they queue, and in a chain the run of the policy before. */
final class Precedence implements Turns {
    private final RunBook book;
    private final List<RunId> earlier;
    private final Optional<RunPlan.Link> link;

    private Precedence(RunBook book, List<RunId> earlier, Optional<RunPlan.Link> link) {
        this.book = book;
        this.earlier = earlier;
        this.link = link;
    }

    static Turns of(Run run, RunBook book) {
        Optional<RunPlan.Link> link = run.head().plan().after();
        boolean queues = run.head().plan().overlap().equals(Optional.of(Overlap.QUEUE));
        if (!queues && link.isEmpty()) {
            return Turns.FREE;
        }
        return new Precedence(book, queues ? earlier(run, book) : List.of(), link);
    }

    private static List<RunId> earlier(Run run, RunBook book) {
        return book.active().stream()
                .filter(other -> other.head().asOf().isBefore(run.head().asOf())
                        && other.head().plan().policy().equals(run.head().plan().policy()))
                .map(other -> other.head().id())
                .toList();
    }

    @Override
    public boolean isWaiting(DatabaseId database) {
        return earlier.stream().anyMatch(run -> isOpen(run, database))
                || link.filter(before -> isOpen(before.run(), database)).isPresent();
    }

    private boolean isOpen(RunId run, DatabaseId database) {
        return book.find(run)
                .filter(found -> !found.isOver())
                .flatMap(found -> found.find(database))
                .filter(target -> target.status() != Target.Status.ENDED)
                .isPresent();
    }

    @Override
    public Optional<Reason> barred(DatabaseId database) {
        if (link.isEmpty()) {
            return Optional.empty();
        }
        Optional<Outcome> before = book.target(link.get().run(), database).flatMap(Target::outcome);
        if (before.isPresent() && (link.get().any() || before.get().isGood())) {
            return Optional.empty();
        }
        String why = before.map(outcome -> "ended as " + EnumText.of(outcome) + " on this database")
                .orElse("does not have this database");
        return Optional.of(
                new Reason(Code.PREDECESSOR_FAILED, "run " + link.get().run() + " " + why));
    }
}
