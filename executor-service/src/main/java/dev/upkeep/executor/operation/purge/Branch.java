package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.task.Purge;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one rule comes to: its root table and all that depends on it.
 *
 * @param order the tables in groups, the root's first, parents before children; a group of more than one table, or with a link
 *     within, is a cycle
 * @param kept links whose children stay, since the schema says that their reference is taken out
 */
record Branch(Purge.Rule rule, Table root, Age age, List<Group> order, Map<TableName, Table> tables, List<Link> kept) {

    /** Tables that can only be emptied together; {@code into} are links from earlier groups, {@code within} those between them. */
    record Group(List<TableName> tables, List<Link> into, List<Link> within) {
        boolean isCycle() {
            return !within.isEmpty();
        }
    }

    Table table(TableName name) {
        return Optional.ofNullable(tables.get(name)).orElseThrow();
    }

    /** All links that are followed. */
    List<Link> links() {
        return order.stream()
                .flatMap(group -> java.util.stream.Stream.concat(group.into().stream(), group.within().stream()))
                .toList();
    }

    boolean hasCycle() {
        return order.stream().anyMatch(Group::isCycle);
    }
}
