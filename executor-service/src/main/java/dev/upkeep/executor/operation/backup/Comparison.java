package dev.upkeep.executor.operation.backup;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Says in words where a restored copy differs from what its backup had. */
final class Comparison {
    private static final int MOST = 20;

    private Comparison() {}

    /** At most 20 differences; none if they are equal. */
    static List<String> differences(Contents expected, Contents found) {
        List<String> differences = new ArrayList<>();
        if (!expected.schemaHash().equals(found.schemaHash())) {
            differences.add("the definitions of tables, indexes, functions and the like differ");
        }
        if (expected.tables() != found.tables()) {
            differences.add("it has " + found.tables() + " tables instead of " + expected.tables());
        }
        if (expected.rows() != found.rows()) {
            differences.add("it has " + found.rows() + " rows instead of " + expected.rows());
        }
        Set<String> names = new TreeSet<>(expected.byTable().keySet());
        names.addAll(found.byTable().keySet());
        for (String name : names) {
            Contents.Table before = expected.byTable().get(name);
            Contents.Table after = found.byTable().get(name);
            if (before != null && after != null && !before.equals(after)) {
                differences.add(
                        name.isEmpty()
                                ? "sequences or large objects differ"
                                : name + " has " + after.rows() + " rows instead of " + before.rows()
                                        + (before.rows() == after.rows() ? ", with other content" : ""));
            } else if (after == null && expected.tables() <= Contents.LISTED) {
                differences.add(name + " is missing");
            } else if (before == null && found.tables() <= Contents.LISTED) {
                differences.add(name + " was not in the backup");
            }
        }
        return differences.size() > MOST ? differences.subList(0, MOST) : List.copyOf(differences);
    }
}
