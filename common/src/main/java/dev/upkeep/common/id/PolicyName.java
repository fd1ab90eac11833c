package dev.upkeep.common.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.upkeep.common.Check;
import java.util.regex.Pattern;

/** Names one policy; part of the ids of its runs and commands. */
public record PolicyName(@JsonValue String text) implements Comparable<PolicyName> {
    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public PolicyName {
        Check.text("policy", text, FORM, "must be 1 to 63 lower-case letters, digits or dashes");
    }

    @Override
    public int compareTo(PolicyName other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
