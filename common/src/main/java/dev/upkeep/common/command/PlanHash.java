package dev.upkeep.common.command;

import dev.upkeep.common.Check;
import java.util.regex.Pattern;

/** The rule of hashes of plans and targets: SHA-256 in lower-case hexadecimal. */
public final class PlanHash {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

    private PlanHash() {}

    /** Refuses anything but 64 lower-case hexadecimal digits. */
    public static String check(String hash) {
        return check("planHash", hash);
    }

    /** Refuses the same, of another field. */
    public static String check(String field, String hash) {
        return Check.text(field, hash, FORM, "must be 64 lower-case hexadecimal digits");
    }
}
