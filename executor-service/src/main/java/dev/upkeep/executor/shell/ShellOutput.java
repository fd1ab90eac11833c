package dev.upkeep.executor.shell;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.common.wire.Wire;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Collectors;

/** Shows a result to a person, or to a program; and as an exit status. */
final class ShellOutput {
    static final int WELL = 0;
    static final int WARNING = 1;
    static final int BAD = 2;

    private ShellOutput() {}

    static int status(Result result) {
        if (!result.outcome().isGood()) {
            return result.outcome() == Outcome.PARTIAL ? WARNING : BAD;
        }
        Severity worst = result.tasks().stream()
                .flatMap(task -> task.findings().stream())
                .map(Finding::severity)
                .max(Severity::compareTo)
                .orElse(Severity.INFO);
        return switch (worst) {
            case INFO -> WELL;
            case WARNING -> WARNING;
            case CRITICAL -> BAD;
        };
    }

    static void json(Result result, PrintStream out) {
        out.println(new String(Wire.write(result), StandardCharsets.UTF_8));
    }

    static void table(Result result, PrintStream out) {
        out.println(result.database() + ": " + EnumText.of(result.outcome()));
        result.reasons().forEach(reason -> out.println("  " + reason));
        for (TaskResult task : result.tasks()) {
            out.println();
            out.println(task.task() + ": " + EnumText.of(task.outcome()) + (task.truncated() ? " (shortened)" : ""));
            task.report().ifPresent(report -> ReportText.print(report, out));
            for (Finding finding : task.findings()) {
                out.printf(
                        Locale.ROOT,
                        "  %-8s  %-24s  %s%s (limit %s, %s)%n            %s%n",
                        EnumText.of(finding.severity()),
                        finding.check(),
                        finding.object().isEmpty() ? "" : finding.object() + ": ",
                        finding.value(),
                        finding.threshold(),
                        finding.origin(),
                        finding.advice());
            }
            task.measurements().forEach(measurement -> out.println("  " + line(measurement)));
        }
    }

    private static String line(Measurement measurement) {
        String labels = measurement.labels().entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .collect(Collectors.joining(" "));
        double value = measurement.value();
        String number = value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.format(Locale.ROOT, "%,d", (long) value)
                : String.format(Locale.ROOT, "%,.3f", value);
        return String.format(Locale.ROOT, "%-32s %18s %-8s %s", measurement.name(), number, measurement.unit(), labels);
    }
}
