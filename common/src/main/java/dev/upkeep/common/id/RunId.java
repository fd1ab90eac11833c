package dev.upkeep.common.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.upkeep.common.Check;
import java.time.Instant;
import java.util.regex.Pattern;

/**
 * Names one run: {@code nightly-backup@2026-11-21T02:00Z} for the firing of a policy at its nominal time, or the request's own
 * id, which holds no {@code @}.
 */
public record RunId(@JsonValue String text) implements Comparable<RunId> {
    private static final Pattern FORM =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}(@\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d)?Z)?");
    private static final Pattern REQUEST = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public RunId {
        Check.text("run", text, FORM, "must be policy@time in UTC, or a request's id");
    }

    /** The run of a policy that fires at this nominal time; fractions of a second are dropped. */
    public static RunId of(PolicyName policy, Instant nominal) {
        return new RunId(policy.text() + "@" + NominalTime.text(nominal));
    }

    /** The run of a request; refuses an id that could be taken for a policy's run. */
    public static RunId ofRequest(String id) {
        return new RunId(Check.text(
                "id",
                id,
                REQUEST,
                "must be 1 to 128 letters, digits, dots, dashes or underscores, starting with the first two"));
    }

    @Override
    public int compareTo(RunId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
