package dev.upkeep.executor.operation.health;

import java.util.Locale;

/** What a check's value and limits are counted in, and how people read it. */
public enum Unit {
    SECONDS,
    BYTES,
    /** 0 to 1; shown as a percentage. */
    RATIO,
    /** A number of things: tables, files, rows. */
    COUNT;

    /** The value with its unit, for people: {@code 12 min 3 s}, {@code 1.2 GiB}, {@code 83.1 %}. */
    public String say(double value) {
        return switch (this) {
            case SECONDS -> seconds(value);
            case BYTES -> bytes(value);
            case RATIO -> trimmed(value * 100) + " %";
            case COUNT ->
                value == Math.rint(value) && Math.abs(value) < 1e15
                        ? String.format(Locale.ROOT, "%,d", (long) value)
                        : trimmed(value);
        };
    }

    private static String seconds(double value) {
        if (value < 0) {
            return "-" + seconds(-value);
        }
        if (value < 1) {
            return Math.round(value * 1000) + " ms";
        }
        if (value < 60) {
            return trimmed(value) + " s";
        }
        long whole = Math.round(value);
        if (whole < 3_600) {
            return two(whole / 60, "min", whole % 60, "s");
        }
        if (whole < 86_400) {
            return two(whole / 3_600, "h", whole % 3_600 / 60, "min");
        }
        return two(whole / 86_400, "d", whole % 86_400 / 3_600, "h");
    }

    private static String two(long large, String largeUnit, long small, String smallUnit) {
        return large + " " + largeUnit + (small == 0 ? "" : " " + small + " " + smallUnit);
    }

    private static String bytes(double value) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int power = 0;
        double left = value;
        while (Math.abs(left) >= 1024 && power < units.length - 1) {
            left /= 1024;
            power++;
        }
        return trimmed(left) + " " + units[power];
    }

    private static String trimmed(double value) {
        String text = String.format(Locale.ROOT, Math.abs(value) < 10 ? "%.2f" : "%.1f", value);
        return text.replaceAll("0+$", "").replaceAll("\\.$", "");
    }
}
