package dev.upkeep.common.result;

import dev.upkeep.common.Check;

/** Why: a code for machines, and a message that tells a person what, where and what to do. Never holds row data or secrets. */
public record Reason(Code code, String message) {
    private static final int LONGEST = 2_000;

    public Reason {
        Check.present("code", code);
        Check.present("message", message);
        message = message.length() > LONGEST ? message.substring(0, LONGEST - 1) + "…" : message;
    }

    @Override
    public String toString() {
        return code.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-') + ": " + message;
    }
}
