package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.Sha256;
import dev.upkeep.common.task.Purge;
import java.util.List;

/**
 * What a purge comes to in one database, made by the same planner for a dry run and for the purge itself.
 *
 * @param hash SHA-256 over rules, tables, links and their order; not over cutoffs and counts
 * @param missingIndexes as {@code table(columns)}
 */
record Plan(List<Branch> branches, List<String> warnings, List<String> missingIndexes, String hash) {
    static Plan of(Purge task, List<Branch> branches, List<String> warnings, List<String> missingIndexes) {
        StringBuilder text = new StringBuilder("upkeep purge plan 1\n")
                .append(task.archive())
                .append('\n');
        for (Branch branch : branches) {
            text.append(branch.rule()).append('\n');
            for (Branch.Group group : branch.order()) {
                group.tables()
                        .forEach(table -> text.append("table ").append(table).append('\n'));
                group.into()
                        .forEach(
                                link -> text.append("link ").append(link.text()).append('\n'));
                group.within()
                        .forEach(link ->
                                text.append("within ").append(link.text()).append('\n'));
            }
            branch.kept()
                    .forEach(link -> text.append("kept ").append(link.text()).append('\n'));
        }
        return new Plan(branches, List.copyOf(warnings), List.copyOf(missingIndexes), Sha256.hex(text.toString()));
    }
}
