package dev.upkeep.common.alert;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.result.Severity;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One alert; the newest record per fingerprint is its state.
 *
 * @param fingerprint the same for every firing of the same rule on the same object: lower-case hexadecimal
 * @param rule the rule's name
 * @param endsAt when it was resolved; absent while it fires
 * @param runbook where to read what to do
 */
public record Alert(
        String fingerprint,
        String rule,
        Severity severity,
        Status status,
        Optional<DatabaseId> database,
        Optional<ExecutorId> executor,
        Map<String, String> labels,
        String summary,
        String description,
        Instant startsAt,
        Optional<Instant> endsAt,
        Optional<String> runbook) {
    private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{16,64}");

    /** Whether it still holds. */
    public enum Status {
        FIRING,
        RESOLVED
    }

    public Alert {
        Check.text("fingerprint", fingerprint, FINGERPRINT, "must be 16 to 64 lower-case hexadecimal digits");
        Check.line("rule", rule, 64);
        Check.present("severity", severity);
        Check.present("status", status);
        labels = Check.map("labels", labels);
        summary = InvalidValue.shown(Check.present("summary", summary));
        Check.present("description", description);
        Check.present("startsAt", startsAt);
        if ((status == Status.RESOLVED) != endsAt.isPresent()) {
            throw new InvalidValue("endsAt", endsAt.toString(), "must be there exactly when the alert is resolved");
        }
    }

    /** The same one, short, for where the whole one does not fit. */
    public Alert withoutDescription() {
        return new Alert(
                fingerprint,
                rule,
                severity,
                status,
                database,
                executor,
                labels,
                summary,
                "left out, as the record was too large",
                startsAt,
                endsAt,
                runbook);
    }
}
