package dev.upkeep.scheduler.policy;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.request.Glob;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Severity;
import java.time.Duration;
import java.util.Optional;

/**
 * The policy answers findings in place of a schedule: on each database for which a result brings one.
 *
 * @param check the name of the check, such as {@code freelist}; * and ? stand for other characters
 * @param atLeast findings of this severity and above; {@code warning} if absent
 * @param act whether to send the tasks or only to propose them; {@code propose} if absent
 * @param cooldown so long after an answer the same database gets no other; 1 day if absent
 * @param mostPerDay and not more than so many within 24 hours; 1 if absent
 */
public record OnFinding(
        Glob check,
        Optional<Severity> atLeast,
        Optional<Act> act,
        Optional<Duration> cooldown,
        Optional<Integer> mostPerDay) {
    /** What a finding leads to. */
    public enum Act {
        /** A recorded proposal; nothing is sent. */
        PROPOSE,
        /** A run of the policy on that database. */
        RUN
    }

    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofDays(7);

    public OnFinding {
        Check.present("check", check);
        cooldown.ifPresent(time -> {
            if (time.compareTo(SHORTEST) < 0 || time.compareTo(LONGEST) > 0) {
                throw new InvalidValue("cooldown", time.toString(), "must be 1 minute to 7 days");
            }
        });
        mostPerDay.ifPresent(count -> Check.between("mostPerDay", count, 1, 1_000));
    }

    /** Whether this finding is meant. */
    public boolean matches(Finding finding) {
        return check.matches(finding.check()) && finding.severity().compareTo(atLeast.orElse(Severity.WARNING)) >= 0;
    }

    /** Whether the tasks are sent, and not only proposed. */
    public boolean isActing() {
        return act.equals(Optional.of(Act.RUN));
    }

    /** The pause after an answer. */
    public Duration pause() {
        return cooldown.orElse(Duration.ofDays(1));
    }

    /** The most answers in 24 hours. */
    public int most() {
        return mostPerDay.orElse(1);
    }
}
