package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Brings the files of one receipt back from quarantine, byte for byte; a file that is there again is left alone.
 *
 * @param store name of a payload store in the executor's configuration
 * @param receipt as the report of {@code purge-files} names it
 */
public record RestoreFiles(String store, String receipt) implements Task {
    private static final Pattern RECEIPT = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    public RestoreFiles {
        Check.text(
                "store",
                store,
                PurgeFiles.STORE,
                "must be the name of a payload store: lower-case letters, digits, dashes");
        Check.text("receipt", receipt, RECEIPT, "must be a receipt of purge-files");
    }

    @Override
    public Effect effect() {
        return Effect.MUTATING;
    }

    @Override
    public boolean isHeavy() {
        return false;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** What came back, and what was left in quarantine because a file is there again, with at most 20 such paths. */
    public record Report(PurgeFiles.Files restored, long left, List<String> leftPaths) {}
}
