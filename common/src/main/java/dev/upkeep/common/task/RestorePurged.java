package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Brings back the rows of one purge from its archive. Rows whose key is there already stay as they are.
 *
 * @param receipt the name in the purge's report
 */
public record RestorePurged(String receipt) implements Task {
    private static final Pattern RECEIPT = Pattern.compile("[0-9]{8}T[0-9]{6}Z-[0-9a-f]{16}");

    public RestorePurged {
        Check.text("receipt", receipt, RECEIPT, "must be the receipt that a purge's report names");
    }

    @Override
    public Effect effect() {
        return Effect.MUTATING;
    }

    @Override
    public boolean isHeavy() {
        return true;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** What was brought back; with a dry run what the archive holds. */
    public record Report(String receipt, List<Table> tables, boolean complete) {}

    /** One table's part; {@code there} are rows that were there already. */
    public record Table(String table, long rows, long there) {}
}
