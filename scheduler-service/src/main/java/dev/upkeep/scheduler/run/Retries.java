package dev.upkeep.scheduler.run;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.scheduler.policy.Retry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * When a database's command is due, and whether it gets another one after a bad end. The command of the n-th retry carries
 * the first one's id with {@code /retry-n}; a target that waits for its retry keeps the time and the reasons of the bad end.
 */
final class Retries {
    private static final Pattern SUFFIX = Pattern.compile("/retry-(\\d{1,3})$");

    private Retries() {}

    static Instant due(RunHead head, Target target) {
        if (target.endedAt().isPresent() && head.plan().retry().isPresent()) {
            return target.endedAt().get().plus(head.plan().retry().get().pauseBefore(number(target.command())));
        }
        Instant from = head.validity().orElseThrow().notBefore();
        return head.plan().spread().isEmpty() ? from : from.plus(Spread.offset(head.plan(), target.database()));
    }

    /** The target after this result: ended, or planned anew. */
    static Target after(RunHead head, Target target, Result result) {
        Optional<Retry> retry = head.plan().retry();
        int next = number(target.command()) + 1;
        if (retry.isPresent()
                && head.status() == RunState.Status.ACCEPTED
                && next <= retry.get().attempts()
                && mayPass(result)
                && Stream.concat(head.reasons().stream(), target.reasons().stream())
                        .noneMatch(reason -> reason.code() == Code.CANCELLED)
                && head.validity().isPresent()
                && result.endedAt()
                        .plus(retry.get().pauseBefore(next))
                        .isBefore(head.validity().get().startBy())) {
            return new Target(
                    target.database(),
                    target.executor(),
                    new CommandId(SUFFIX.matcher(target.command().text()).replaceFirst("") + "/retry-" + next),
                    Target.Status.PLANNED,
                    Optional.empty(),
                    firstReason(result),
                    target.sentAt(),
                    Optional.of(result.endedAt()));
        }
        return target.ended(result.outcome(), firstReason(result), result.endedAt());
    }

    private static boolean mayPass(Result result) {
        return result.outcome() == Outcome.CONTENDED
                || (result.outcome() == Outcome.FAILED
                        && result.reasons().stream()
                                .anyMatch(reason -> reason.code().isTransient()));
    }

    private static List<Reason> firstReason(Result result) {
        return result.reasons().stream()
                .limit(1)
                .map(reason -> reason.message().length() > 500
                        ? new Reason(reason.code(), reason.message().substring(0, 499) + "…")
                        : reason)
                .toList();
    }

    private static int number(CommandId command) {
        Matcher matcher = SUFFIX.matcher(command.text());
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }
}
