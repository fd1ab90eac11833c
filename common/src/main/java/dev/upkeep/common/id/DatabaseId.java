package dev.upkeep.common.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.upkeep.common.Check;
import java.util.regex.Pattern;

/** Names one PostgreSQL database or one SQLite file across the fleet, such as {@code telemetry} or {@code db7/telemetry}. */
public record DatabaseId(@JsonValue String text) implements Comparable<DatabaseId> {
    private static final Pattern FORM =
            Pattern.compile("(?=.{1,128}$)[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,3}");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public DatabaseId {
        Check.text(
                "database",
                text,
                FORM,
                "must be 1 to 128 letters, digits, dots, dashes or underscores, in up to 4 parts parted by slashes");
    }

    @Override
    public int compareTo(DatabaseId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
