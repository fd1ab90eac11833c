package dev.upkeep.common.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.upkeep.common.Check;
import java.util.regex.Pattern;

/** Names one executor; the key of its commands and of its registration. */
public record ExecutorId(@JsonValue String text) implements Comparable<ExecutorId> {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public ExecutorId {
        Check.text("executor", text, FORM, "must be 1 to 128 letters, digits, dots, dashes or underscores");
    }

    @Override
    public int compareTo(ExecutorId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
