package dev.upkeep.common.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.upkeep.common.Check;
import java.util.regex.Pattern;

/**
 * Names one command, the same whoever works it out: {@code nightly-backup/telemetry@2026-11-21T02:00Z} for a policy's run,
 * {@code <request>/<database>} for a request's.
 */
public record CommandId(@JsonValue String text) implements Comparable<CommandId> {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:@/-]{0,399}");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public CommandId {
        Check.text("command", text, FORM, "must be 1 to 400 letters, digits or . _ : @ / -");
    }

    /** The command of this run for this database. */
    public static CommandId of(RunId run, DatabaseId database) {
        int at = run.text().indexOf('@');
        return at < 0
                ? new CommandId(run.text() + "/" + database.text())
                : new CommandId(run.text().substring(0, at) + "/" + database.text()
                        + run.text().substring(at));
    }

    @Override
    public int compareTo(CommandId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
