package dev.upkeep.local.up;

import java.util.ArrayList;
import java.util.List;

/** Lines of runs as a table for a terminal of a certain width: each column as wide as it must be, the last one cut to fit. */
record RunTable(List<RunLine> lines, int width) {
    private static final List<String> HEADER = List.of("RUN", "DATABASE", "STATE", "TOOK", "TASKS", "NOTE");
    private static final String GAP = "  ";

    List<String> text() {
        List<List<String>> cells = new ArrayList<>();
        cells.add(HEADER);
        for (RunLine line : lines) {
            cells.add(List.of(line.run(), line.database(), line.state(), line.tookText(), line.tasks(), line.note()));
        }
        int[] widths = new int[HEADER.size()];
        for (List<String> row : cells) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return cells.stream().map(row -> line(row, widths)).toList();
    }

    private String line(List<String> row, int[] widths) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = row.get(i).replaceAll("\\p{Cntrl}", " ");
            text.append(cell)
                    .append(" ".repeat(Math.max(0, widths[i] - cell.length())))
                    .append(GAP);
        }
        String whole = text.toString().stripTrailing();
        return whole.length() <= width ? whole : whole.substring(0, width - 1) + "…";
    }
}
