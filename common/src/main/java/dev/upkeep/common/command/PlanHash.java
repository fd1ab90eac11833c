package dev.upkeep.common.command;

import dev.upkeep.common.Check;
import java.util.regex.Pattern;

/** The rule of plan hashes: SHA-256 in lower-case hexadecimal. */
public final class PlanHash {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

    private PlanHash() {}

    /** Refuses anything but 64 lower-case hexadecimal digits. */
    public static String check(String hash) {
        return Check.text("planHash", hash, FORM, "must be 64 lower-case hexadecimal digits");
    }
}
