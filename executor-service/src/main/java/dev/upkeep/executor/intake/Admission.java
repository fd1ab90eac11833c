package dev.upkeep.executor.intake;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Effect;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.guardrail.Guardrails;
import dev.upkeep.executor.run.Host;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Decides whether a readable command is taken. Depends on the command, the configuration and the time only. Thread-safe. */
final class Admission {
    private static final Duration MOST_SKEW = Duration.ofMinutes(5);
    private static final Duration FARTHEST_AHEAD = Duration.ofDays(7);

    private final Host host;
    private final Guardrails guardrails;
    private final Instant journalBorn;

    /** @param journalBorn of commands issued earlier nobody can say here whether they were carried out */
    Admission(Host host, Guardrails guardrails, Instant journalBorn) {
        this.host = host;
        this.guardrails = guardrails;
        this.journalBorn = journalBorn;
    }

    /** A command that is not taken, and how it ends. */
    record Refusal(Outcome outcome, Reason reason) {}

    Optional<Refusal> refusal(Command command) {
        return addressee(command)
                .or(() -> possible(command))
                .or(() -> guardrails.refusal(command))
                .map(reason -> new Refusal(Outcome.REJECTED, reason))
                .or(() -> time(command))
                .or(() -> trust(command).map(reason -> new Refusal(Outcome.REJECTED, reason)));
    }

    private Optional<Reason> addressee(Command command) {
        if (!command.executor().equals(host.executor())) {
            return Optional.of(new Reason(
                    Code.INVALID,
                    "executor: " + command.executor() + " (must be " + host.executor()
                            + ", to whom the record was sent)"));
        }
        return host.databases().find(command.database()).isPresent()
                ? Optional.empty()
                : Optional.of(new Reason(
                        Code.UNKNOWN_DATABASE,
                        "executor " + host.executor() + " has no database " + command.database()));
    }

    private Optional<Reason> possible(Command command) {
        Database database = host.databases().find(command.database()).orElseThrow();
        for (Step step : command.steps()) {
            Optional<String> whyNot = host.catalogue().whyNot(step.task().getClass(), database.engine());
            if (whyNot.isPresent()) {
                return Optional.of(new Reason(Code.UNSUPPORTED, step.task().name() + ": " + whyNot.get()));
            }
        }
        return Optional.empty();
    }

    private Optional<Refusal> time(Command command) {
        Instant now = host.clock().instant();
        if (now.isAfter(command.validity().startBy())) {
            return Optional.of(new Refusal(
                    Outcome.EXPIRED,
                    new Reason(
                            Code.TOO_LATE,
                            "it arrived at " + now + ", after startBy, "
                                    + command.validity().startBy())));
        }
        if (command.validity().notBefore().isAfter(now.plus(FARTHEST_AHEAD))) {
            return Optional.of(new Refusal(
                    Outcome.OUTSIDE_WINDOW,
                    new Reason(
                            Code.WINDOW_CLOSED,
                            "its window opens at " + command.validity().notBefore() + ", more than "
                                    + FARTHEST_AHEAD.toDays() + " days ahead")));
        }
        return Optional.empty();
    }

    private Optional<Reason> trust(Command command) {
        Instant now = host.clock().instant();
        boolean isReading =
                command.steps().stream().allMatch(step -> step.task().effect() == Effect.READ_ONLY);
        if (isReading || command.dryRun()) {
            return Optional.empty();
        }
        if (command.issuedAt().isBefore(journalBorn)) {
            return Optional.of(new Reason(
                    Code.NEEDS_CONFIRMATION,
                    "it was issued at " + command.issuedAt() + ", before this executor's journal began at "
                            + journalBorn
                            + ", so that nobody knows whether it was carried out; order it anew if it was not"));
        }
        boolean isAhead = command.issuedAt().isAfter(now.plus(MOST_SKEW))
                || command.asOf().isAfter(now.plus(MOST_SKEW));
        return isAhead
                ? Optional.of(new Reason(
                        Code.CLOCK_SKEW,
                        "it was issued at " + command.issuedAt() + " as of " + command.asOf() + ", but it is " + now
                                + " here; one of the clocks is wrong"))
                : Optional.empty();
    }
}
