package dev.upkeep.executor.shell;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A report for a person, whatever the task: a line for each value, a table for each list of objects. A column that is empty in
 * all rows is left out.
 */
final class ReportText {
    private static final String INDENT = "  ";

    private ReportText() {}

    static void print(JsonNode report, PrintStream out) {
        if (!report.isObject()) {
            out.println(INDENT + report.asText());
            return;
        }
        report.properties().forEach(field -> print(field.getKey(), field.getValue(), out));
    }

    private static void print(String name, JsonNode value, PrintStream out) {
        if (value.isArray() && !value.isEmpty() && value.get(0).isObject()) {
            out.println(INDENT + name + ":");
            table(value, out);
        } else if (value.isArray() && !value.isEmpty()) {
            out.println(INDENT + name + ":");
            value.forEach(line -> out.println(INDENT + INDENT + line.asText()));
        } else if (!text(value).isEmpty()) {
            out.println(INDENT + name + ": " + text(value));
        }
    }

    private static void table(JsonNode rows, PrintStream out) {
        Set<String> columns = new LinkedHashSet<>();
        rows.forEach(row -> row.properties().stream()
                .filter(cell -> !text(cell.getValue()).isEmpty())
                .map(Map.Entry::getKey)
                .forEach(columns::add));
        List<List<String>> lines = new ArrayList<>();
        lines.add(List.copyOf(columns));
        rows.forEach(row ->
                lines.add(columns.stream().map(column -> text(row.path(column))).toList()));
        int[] widths = new int[columns.size()];
        lines.forEach(line -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        });
        lines.forEach(line -> out.println(INDENT + INDENT + padded(line, widths).stripTrailing()));
    }

    private static String padded(List<String> line, int[] widths) {
        StringBuilder padded = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            padded.append(line.get(i))
                    .append(" ".repeat(widths[i] - line.get(i).length()))
                    .append(INDENT);
        }
        return padded.toString();
    }

    private static String text(JsonNode value) {
        if (value.isNull() || value.isMissingNode()) {
            return "";
        }
        if (value.isArray() && isFlat(StreamSupport.stream(value.spliterator(), false))) {
            return String.join(
                    "; ",
                    StreamSupport.stream(value.spliterator(), false)
                            .map(JsonNode::asText)
                            .toList());
        }
        return value.isContainerNode() ? value.toString() : value.asText();
    }

    private static boolean isFlat(Stream<JsonNode> values) {
        return values.noneMatch(JsonNode::isContainerNode);
    }
}
