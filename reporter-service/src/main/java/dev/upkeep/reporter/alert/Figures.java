package dev.upkeep.reporter.alert;

import java.util.Locale;
import java.util.Map;

/** Figures as people read them. */
final class Figures {
    private static final String[] SIZES = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private Figures() {}

    static String text(double value, String unit) {
        if (!unit.equals("bytes")) {
            String number = value == Math.rint(value)
                    ? String.format(Locale.ROOT, "%.0f", value)
                    : String.format(Locale.ROOT, "%.3g", value);
            return number + " " + unit.replace('_', ' ');
        }
        double size = value;
        int step = 0;
        while (Math.abs(size) >= 1024 && step < SIZES.length - 1) {
            size /= 1024;
            step++;
        }
        return String.format(Locale.ROOT, step == 0 ? "%.0f %s" : "%.1f %s", size, SIZES[step]);
    }

    static String labels(Map<String, String> labels) {
        return labels.isEmpty() ? "" : " " + String.join(", ", labels.values());
    }
}
