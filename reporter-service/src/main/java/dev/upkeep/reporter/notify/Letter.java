package dev.upkeep.reporter.notify;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.wire.EnumText;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a mail about alerts says. Nothing of an alert can become a header or markup. */
record Letter(String subject, String text, String html) {
    static Letter of(List<Alert> alerts) {
        String subject = alerts.size() == 1
                ? word(alerts.get(0)) + alerts.get(0).summary()
                : "[Upkeep] " + count(alerts, Alert.Status.FIRING) + " firing, " + count(alerts, Alert.Status.RESOLVED)
                        + " resolved";
        return new Letter(
                InvalidValue.shown(subject),
                alerts.stream().map(Letter::text).collect(Collectors.joining("\n\n")) + "\n",
                "<!doctype html><html><body style=\"font-family:sans-serif\">"
                        + alerts.stream().map(Letter::html).collect(Collectors.joining())
                        + "</body></html>");
    }

    private static long count(List<Alert> alerts, Alert.Status status) {
        return alerts.stream().filter(alert -> alert.status() == status).count();
    }

    private static String word(Alert alert) {
        return "[Upkeep " + EnumText.of(alert.severity()) + " " + EnumText.of(alert.status()) + "] ";
    }

    private static String text(Alert alert) {
        return word(alert) + alert.summary() + "\n" + alert.description() + "\nrule " + alert.rule() + ", since "
                + alert.startsAt()
                + alert.endsAt().map(end -> ", until " + end).orElse("")
                + alert.runbook().map(runbook -> "\nwhat to do: " + runbook).orElse("");
    }

    private static String html(Alert alert) {
        String colour = switch (alert.status()) {
            case RESOLVED -> "#2e7d32";
            case FIRING -> "#b71c1c";
        };
        return "<h3 style=\"color:" + colour + "\">" + escaped(word(alert).toUpperCase(Locale.ROOT))
                + escaped(alert.summary()) + "</h3><p style=\"white-space:pre-wrap\">" + escaped(alert.description())
                + "</p><p>Rule " + escaped(alert.rule()) + ", since " + alert.startsAt()
                + alert.endsAt().map(end -> ", until " + end).orElse("")
                + alert.runbook()
                        .map(runbook -> ". What to do: " + escaped(runbook))
                        .orElse("")
                + "</p>";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
