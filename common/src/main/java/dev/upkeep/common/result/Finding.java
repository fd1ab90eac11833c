package dev.upkeep.common.result;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;

/**
 * One thing that is not as it should be.
 *
 * @param check the check's name, such as {@code connections} or {@code wal-size}
 * @param object what it is about: a table, an index, a slot, a path; empty for the database as a whole
 * @param value what was found, with its unit, for people
 * @param threshold what was exceeded, with its unit
 * @param origin where the threshold comes from: {@code built-in}, {@code executor}, {@code policy}
 * @param advice the next step, naming the object
 */
public record Finding(
        String check, Severity severity, String object, String value, String threshold, String origin, String advice) {
    public Finding {
        Check.line("check", check, 64);
        Check.present("severity", severity);
        object = InvalidValue.shown(Check.present("object", object));
        value = cut(Check.present("value", value));
        threshold = cut(Check.present("threshold", threshold));
        Check.line("origin", origin, 64);
        advice = cut(Check.present("advice", advice));
    }

    private static String cut(String text) {
        return text.length() > 1_000 ? text.substring(0, 999) + "…" : text;
    }
}
