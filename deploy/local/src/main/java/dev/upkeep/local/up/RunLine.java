package dev.upkeep.local.up;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.wire.EnumText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One line of the table: one database of one run, or a run that has none.
 *
 * @param state how far it is, or how it ended
 * @param tasks what was done, each with its end unless that was good
 * @param note why it ended so, and the number of findings
 * @param isEnded whether nothing more will happen to it, its result included
 * @param isGood whether it ended as it should
 */
record RunLine(
        Instant since,
        String run,
        String database,
        String state,
        String tasks,
        Optional<Duration> took,
        String note,
        boolean isEnded,
        boolean isGood) {

    /** The line of a run as a whole, which was rejected or skipped, or has not said its databases yet. */
    static RunLine of(RunState run) {
        return new RunLine(
                run.asOf(),
                run.run().text(),
                "-",
                EnumText.of(run.status()),
                "",
                Optional.empty(),
                reasons(run.reasons()),
                run.status() != RunState.Status.ACCEPTED,
                false);
    }

    static RunLine of(RunState run, Target target, Optional<Result> result) {
        Optional<Outcome> outcome = result.map(Result::outcome).or(target::outcome);
        boolean ended = target.outcome().isPresent();
        return new RunLine(
                run.asOf(),
                run.run().text(),
                target.database().text(),
                outcome.map(EnumText::of).orElseGet(() -> EnumText.of(target.status())),
                result.map(RunLine::tasks).orElse(""),
                result.flatMap(r -> r.startedAt().map(start -> Duration.between(start, r.endedAt()))),
                note(target, result),
                ended,
                ended && outcome.map(Outcome::isGood).orElse(false));
    }

    private static String tasks(Result result) {
        return result.tasks().stream()
                .map(task -> task.outcome() == Outcome.SUCCEEDED
                        ? task.task()
                        : task.task() + " (" + EnumText.of(task.outcome()).replace('-', ' ') + ")")
                .collect(Collectors.joining(", "));
    }

    private static String note(Target target, Optional<Result> result) {
        List<Reason> reasons = result.map(Result::reasons)
                .filter(given -> !given.isEmpty())
                .or(() -> result.map(r -> r.tasks().stream()
                        .filter(task -> !task.outcome().isGood())
                        .flatMap(task -> task.reason().stream())
                        .toList()))
                .filter(given -> !given.isEmpty())
                .orElse(target.reasons());
        long findings = result.stream()
                .flatMap(r -> r.tasks().stream())
                .map(TaskResult::findings)
                .mapToLong(List::size)
                .sum();
        String counted = findings == 0 ? "" : findings == 1 ? "1 finding" : findings + " findings";
        String said = reasons(reasons);
        return said.isEmpty() || counted.isEmpty() ? said + counted : said + "; " + counted;
    }

    private static String reasons(List<Reason> reasons) {
        return reasons.stream().map(Reason::message).collect(Collectors.joining("; "));
    }

    String tookText() {
        return took.map(time -> String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0))
                .orElse("");
    }
}
