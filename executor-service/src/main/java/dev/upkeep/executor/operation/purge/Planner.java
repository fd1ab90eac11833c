package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Purge;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes the plan of a purge from the catalogue, the links that the configuration declares, and the limits. Reads only. */
final class Planner {
    private static final Duration SKEW = Duration.ofMinutes(5);

    private final Session session;
    private final Limits limits;
    private final Set<String> warnings = new LinkedHashSet<>();
    private final Set<String> missingIndexes = new LinkedHashSet<>();

    Planner(Session session, Limits limits) {
        this.session = session;
        this.limits = limits;
    }

    Plan plan(Purge task, Instant asOf) throws SQLException {
        if (asOf.isAfter(session.now().plus(SKEW))) {
            throw new Refused(
                    Code.CLOCK_SKEW,
                    "asOf: " + asOf + " (must not be later than the database's clock, " + session.now()
                            + "; look at the clocks of scheduler, executor and database)");
        }
        List<Link> declared = declared();
        List<Branch> branches = new ArrayList<>();
        for (Purge.Rule rule : task.rules()) {
            branches.add(branch(rule, asOf, declared));
        }
        return Plan.of(task, branches, List.copyOf(warnings), List.copyOf(missingIndexes));
    }

    private Branch branch(Purge.Rule rule, Instant asOf, List<Link> declared) throws SQLException {
        Guardrails.demandKeep(rule.keep(), rule.table(), limits.guards());
        Table root = session.table(rule.table());
        if (!limits.guards().only().isEmpty() && !isAmong(limits.guards().only(), root)) {
            throw new Refused(
                    Code.GUARDRAIL,
                    "table: " + root.name()
                            + " (is not among the tables that upkeep.purge.databases names for purging)");
        }
        Age age = session.age(root, rule, asOf.minus(rule.keep()), limits.zone());
        Map<TableName, Table> tables = new LinkedHashMap<>();
        Map<TableName, String> paths = new LinkedHashMap<>();
        List<Link> followed = new ArrayList<>();
        List<Link> kept = new ArrayList<>();
        tables.put(root.name(), root);
        paths.put(root.name(), root.name().text());
        List<TableName> open = new ArrayList<>(List.of(root.name()));
        while (!open.isEmpty()) {
            TableName parent = open.remove(0);
            String path = paths.getOrDefault(parent, parent.text());
            refuseIfProtected(session.table(parent), path);
            for (Link link : links(session.table(parent), declared)) {
                if (!tables.containsKey(link.child()) && !link.onDelete().keepsChildren()) {
                    tables.put(link.child(), session.table(link.child()));
                    paths.put(link.child(), path + " <- " + link.child());
                    open.add(link.child());
                }
                check(link, path);
                (link.onDelete().keepsChildren() ? kept : followed).add(link);
            }
        }
        tables.values().stream()
                .filter(table -> !table.triggers().isEmpty())
                .forEach(table -> warnings.add(
                        "table " + table.name() + " has triggers on delete: " + String.join(", ", table.triggers())));
        if (age.order().isEmpty()) {
            warnings.add("table " + root.name() + " has no index that begins with " + rule.column()
                    + " and is ordered by time: every purge reads the whole table");
        }
        List<Branch.Group> order = new Grouping(root.name(), followed).groups();
        return new Branch(rule, root, age, order, tables, kept);
    }

    private void check(Link link, String path) throws SQLException {
        Table child = session.table(link.child());
        if (link.onDelete().keepsChildren()) {
            refuseIfProtected(child, path + " <- " + child.name());
            warnings.add("rows of " + child.name() + " stay: " + link.text() + " is set to "
                    + (link.onDelete() == Link.OnDelete.SET_NULL ? "null" : "its default") + " by the database");
            link.columns().stream()
                    .flatMap(column -> child.column(column).stream())
                    .filter(column -> column.notNull() && link.onDelete() == Link.OnDelete.SET_NULL)
                    .forEach(column -> {
                        throw new Refused(
                                Code.UNSUPPORTED,
                                "path: " + path + " <- " + child.name() + " (column " + column.name()
                                        + " is set to null on delete, but must not be null)");
                    });
        } else {
            Optional<String> obstacle = session.obstacle(link);
            if (obstacle.isPresent()) {
                throw new Refused(
                        Code.UNSUPPORTED, "path: " + path + " <- " + child.name() + " (" + obstacle.get() + ")");
            }
        }
        if (child.isIndexedBy(link.columns())) {
            return;
        }
        String missing = child.name() + "(" + String.join(", ", link.columns()) + ")";
        missingIndexes.add(missing);
        if (child.rows() > limits.guards().maxUnindexedRows()) {
            throw new Refused(
                    Code.GUARDRAIL,
                    "path: " + path + " <- " + child.name() + " (" + child.rows() + " rows without an index on "
                            + String.join(", ", link.columns())
                            + ": each deleted parent would read all of them; create an index on "
                            + missing + ")");
        }
    }

    private void refuseIfProtected(Table table, String path) throws SQLException {
        if (isAmong(limits.guards().protect(), table)) {
            throw new Refused(
                    Code.GUARDRAIL,
                    "path: " + path + " (table " + table.name() + " is protected by upkeep.purge.databases)");
        }
    }

    private List<Link> declared() throws SQLException {
        List<Link> all = new ArrayList<>();
        for (DeclaredLink declared : limits.links()) {
            Table child = session.table(declared.child());
            Table parent = session.table(declared.parent());
            List<String> columns = columns(child, declared.columns());
            List<String> parentColumns = columns(parent, declared.parentColumns());
            Link link =
                    new Link("declared", child.name(), columns, parent.name(), parentColumns, Link.OnDelete.DECLARED);
            if (!parent.isNamedBy(parentColumns)) {
                throw new Refused(
                        Code.UNSUPPORTED,
                        "links: " + link.text() + " (several rows of " + parent.name()
                                + " may have the same values there, and what refers to an old row and a young one must"
                                + " not go: create a unique index on " + String.join(", ", parentColumns) + ")");
            }
            all.add(link);
        }
        return all;
    }

    private List<Link> links(Table parent, List<Link> declared) throws SQLException {
        List<Link> all = new ArrayList<>();
        declared.stream().filter(link -> link.parent().equals(parent.name())).forEach(all::add);
        for (Link link : session.links(parent)) {
            boolean isDeclared = all.stream()
                    .anyMatch(other -> other.child().equals(link.child())
                            && other.parent().equals(link.parent())
                            && other.columns().equals(link.columns())
                            && other.parentColumns().equals(link.parentColumns()));
            if (!isDeclared) {
                all.add(link);
            }
        }
        return all;
    }

    private static List<String> columns(Table table, List<String> names) {
        return names.stream()
                .map(name -> table.column(name)
                        .orElseThrow(() -> new Refused(
                                Code.NO_SUCH_COLUMN,
                                "links: column " + name + " (table " + table.name()
                                        + " has no such column; mend upkeep.purge.databases)"))
                        .name())
                .toList();
    }

    /** Whether the configuration names the table, in the catalogue's spelling or in another that the engine takes for it. */
    private boolean isAmong(List<TableName> names, Table table) throws SQLException {
        for (TableName name : names) {
            boolean isSame = name.table().equals(table.name().table())
                    && (name.schema().isEmpty()
                            || name.schema().equals(table.name().schema()));
            if (isSame || session.isSpelling(name, table)) {
                return true;
            }
        }
        return false;
    }
}
