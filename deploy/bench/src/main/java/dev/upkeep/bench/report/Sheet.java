package dev.upkeep.bench.report;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A table in Markdown: one row for each contender, each figure with its ratio to the column's named alternative. For one thread. */
public final class Sheet {
    private final String title;
    private final List<Column> columns = new ArrayList<>();
    private final Map<String, List<Optional<Double>>> rows = new LinkedHashMap<>();

    private record Column(String name, Optional<String> against) {}

    public Sheet(String title) {
        this.title = title;
    }

    /** A column of plain figures. */
    public Sheet column(String name) {
        columns.add(new Column(name, Optional.empty()));
        return this;
    }

    /** A column whose figures are also shown as multiples of those in the row {@code against}. */
    public Sheet column(String name, String against) {
        columns.add(new Column(name, Optional.of(against)));
        return this;
    }

    /** Adds a contender; NaN for what it has no figure of. */
    public void row(String name, double... figures) {
        List<Optional<Double>> cells = new ArrayList<>();
        for (double figure : figures) {
            cells.add(Double.isNaN(figure) ? Optional.empty() : Optional.of(figure));
        }
        rows.put(name, cells);
    }

    /** The ratio of a figure to that of the column's alternative; empty where one of them is missing. */
    public Optional<Double> ratio(String row, String column) {
        int at = columns.stream().map(Column::name).toList().indexOf(column);
        return columns.get(at)
                .against()
                .flatMap(against -> figure(against, at))
                .filter(base -> base > 0)
                .flatMap(base -> figure(row, at).map(figure -> figure / base));
    }

    private Optional<Double> figure(String row, int column) {
        return Optional.ofNullable(rows.get(row)).flatMap(cells -> cells.get(column));
    }

    public void print(PrintStream out) {
        out.println();
        out.println("**" + title + "**");
        out.println();
        StringBuilder head = new StringBuilder("| |");
        StringBuilder rule = new StringBuilder("|---|");
        for (Column column : columns) {
            head.append(' ').append(column.name()).append(" |");
            rule.append("---|");
        }
        out.println(head);
        out.println(rule);
        rows.forEach((name, cells) -> {
            StringBuilder line = new StringBuilder("| ").append(name).append(" |");
            for (int i = 0; i < cells.size(); i++) {
                line.append(' ')
                        .append(cells.get(i).map(Sheet::text).orElse("–"))
                        .append(ratio(name, columns.get(i).name())
                                .map(ratio -> String.format(Locale.ROOT, " (%.2fx)", ratio))
                                .orElse(""))
                        .append(" |");
            }
            out.println(line);
        });
        out.println();
        for (Column column : columns) {
            column.against()
                    .ifPresent(
                            against -> out.println("x in " + column.name() + ": times that of \"" + against + "\"."));
        }
    }

    private static String text(double value) {
        double size = Math.abs(value);
        String format = size >= 100 || value == Math.rint(value) ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }
}
