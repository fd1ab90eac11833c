package dev.upkeep.common.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.upkeep.common.Check;
import java.util.regex.Pattern;

/** Names one pause, blackout or hold. */
public record ControlId(@JsonValue String text) implements Comparable<ControlId> {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public ControlId {
        Check.text("control", text, FORM, "must be 1 to 128 letters, digits, dots, dashes or underscores");
    }

    @Override
    public int compareTo(ControlId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
