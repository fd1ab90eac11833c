package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Orders tables so that parents come before children; tables that refer to each other in a circle form one group (Tarjan). */
final class Grouping {
    private final List<Link> links;
    private final Map<TableName, Integer> index = new HashMap<>();
    private final Map<TableName, Integer> low = new HashMap<>();
    private final Deque<TableName> stack = new ArrayDeque<>();
    private final List<Set<TableName>> components = new ArrayList<>();

    Grouping(TableName root, List<Link> links) {
        this.links = List.copyOf(links);
        visit(root);
        Collections.reverse(components);
    }

    List<Branch.Group> groups() {
        return components.stream()
                .map(tables -> new Branch.Group(
                        tables.stream().sorted().toList(),
                        links.stream()
                                .filter(link -> tables.contains(link.child()) && !tables.contains(link.parent()))
                                .toList(),
                        links.stream()
                                .filter(link -> tables.contains(link.child()) && tables.contains(link.parent()))
                                .toList()))
                .toList();
    }

    private void visit(TableName table) {
        index.put(table, index.size());
        low.put(table, index.get(table));
        stack.push(table);
        for (Link link : links) {
            if (!link.parent().equals(table)) {
                continue;
            }
            if (!index.containsKey(link.child())) {
                visit(link.child());
                low.merge(table, low.get(link.child()), Math::min);
            } else if (stack.contains(link.child())) {
                low.merge(table, index.get(link.child()), Math::min);
            }
        }
        if (low.get(table).equals(index.get(table))) {
            Set<TableName> component = new HashSet<>();
            TableName member;
            do {
                member = stack.pop();
                component.add(member);
            } while (!member.equals(table));
            components.add(component);
        }
    }
}
