package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.task.Purge;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tables that refer to each other at random, with random rows, and by plain loops in memory what must be left of them after a
 * purge of the first table. Nothing of the code under test is used here.
 */
final class RandomSchema {
    static final Instant CUTOFF = Site.AS_OF.minus(Duration.ofDays(90));
    private static final List<String> NAMES =
            List.of("root", "user", "Order", "My Table", "t$4", "größe", "select", "x-7");
    private static final List<String> ACTIONS = List.of("NO ACTION", "CASCADE", "RESTRICT", "SET NULL");

    final List<Relation> relations = new ArrayList<>();
    private final Random random;
    private final String prefix;
    private final Time time;
    /** Whose rows are written down by a trigger when they go; none if -1. */
    private final int watched;

    /** How the root says its times. */
    private enum Time {
        NATIVE(Optional.empty()),
        TEXT(Optional.of(Purge.TimeFormat.ISO_TEXT)),
        SECONDS(Optional.of(Purge.TimeFormat.EPOCH_SECONDS)),
        MILLIS(Optional.of(Purge.TimeFormat.EPOCH_MILLIS));

        final Optional<Purge.TimeFormat> format;

        Time(Optional<Purge.TimeFormat> format) {
            this.format = format;
        }

        String type() {
            return this == NATIVE ? "${time}" : this == TEXT ? "TEXT" : "${big}";
        }

        String written(Instant time) {
            return switch (this) {
                case NATIVE, TEXT -> time.toString();
                case SECONDS -> Long.toString(time.getEpochSecond());
                case MILLIS -> Long.toString(time.toEpochMilli());
            };
        }
    }

    /** A reference; {@code action} is {@code declared} where only the configuration knows it. */
    private record Reference(String name, Relation parent, String action) {}

    /** A table with its rows; a row's values are its keys and, for each reference, the row it refers to. */
    private static final class Relation {
        final String name;
        final int keys;
        /** Whether it has a column that the database works out. */
        final boolean isComputing;

        final List<Reference> references = new ArrayList<>();
        final List<Entry> rows = new ArrayList<>();

        Relation(String name, int keys, boolean isComputing) {
            this.name = name;
            this.keys = keys;
            this.isComputing = isComputing;
        }

        boolean reaches(Relation other, Set<Relation> seen) {
            return this == other
                    || (seen.add(this)
                            && references.stream()
                                    .anyMatch(reference -> reference.parent().reaches(other, seen)));
        }
    }

    private static final class Entry {
        final int id;
        final @Nullable Instant time;
        final @Nullable Entry[] refers;

        Entry(int id, @Nullable Instant time, int references) {
            this.id = id;
            this.time = time;
            this.refers = new @Nullable Entry[references];
        }
    }

    RandomSchema(long seed, String prefix) {
        this.random = new Random(seed);
        this.prefix = prefix;
        this.time = random.nextBoolean() ? Time.NATIVE : Time.values()[random.nextInt(4)];
        int tables = 2 + random.nextInt(6);
        this.watched = random.nextInt(4) == 0 ? random.nextInt(tables) : -1;
        for (int i = 0; i < tables; i++) {
            relations.add(new Relation(NAMES.get(i), i > 0 && random.nextInt(4) == 0 ? 2 : 1, random.nextInt(3) == 0));
        }
        for (int i = 1; i < tables; i++) {
            int references = 1 + random.nextInt(2);
            for (int j = 0; j < references; j++) {
                refer(relations.get(i), relations.get(random.nextInt(i)), random.nextInt(5));
            }
        }
        if (random.nextInt(3) == 0) {
            Relation self = relations.get(random.nextInt(tables));
            refer(self, self, random.nextInt(4));
        }
        if (random.nextInt(3) == 0) {
            Relation later = relations.get(1 + random.nextInt(tables - 1));
            Relation earlier = relations.get(random.nextInt(relations.indexOf(later)));
            if (later.reaches(earlier, new HashSet<>()) && noRestrict()) {
                refer(earlier, later, random.nextBoolean() ? 0 : 1);
            }
        }
        fill();
    }

    /** Whether some table refers to itself, directly or by others. */
    boolean hasCircle() {
        return relations.stream()
                .anyMatch(relation -> relation.references.stream()
                        .anyMatch(reference -> reference.parent().reaches(relation, new HashSet<>())));
    }

    private boolean noRestrict() {
        return relations.stream()
                .flatMap(relation -> relation.references.stream())
                .noneMatch(reference -> reference.action().equals("RESTRICT"));
    }

    private void refer(Relation child, Relation parent, int action) {
        String name = "ref" + child.references.size();
        child.references.add(new Reference(name, parent, action == 4 ? "declared" : ACTIONS.get(action)));
    }

    private void fill() {
        for (Relation relation : relations) {
            int rows = random.nextInt(10) == 0 ? 0 : random.nextInt(40);
            for (int id = 1; id <= rows; id++) {
                relation.rows.add(
                        new Entry(id, relation == relations.get(0) ? time() : null, relation.references.size()));
            }
            Collections.shuffle(relation.rows, random);
        }
        for (Relation relation : relations) {
            for (Entry row : relation.rows) {
                for (int i = 0; i < row.refers.length; i++) {
                    List<Entry> parents = relation.references.get(i).parent().rows;
                    if (!parents.isEmpty() && random.nextInt(5) > 0) {
                        row.refers[i] = parents.get(random.nextInt(parents.size()));
                    }
                }
            }
        }
    }

    private @Nullable Instant time() {
        return switch (random.nextInt(8)) {
            case 0 -> null;
            case 1 -> CUTOFF;
            case 2 -> CUTOFF.minusNanos(1_000);
            case 3 -> CUTOFF.plusNanos(1_000);
            case 4 -> Instant.parse("2099-01-01T00:00:00Z");
            default -> CUTOFF.plusSeconds(random.nextInt(20_000_000) - 10_000_000L);
        };
    }

    /** Makes the tables and rows; returns the links to be declared. */
    List<String> create(Site site) throws SQLException {
        List<String> constraints = new ArrayList<>();
        List<String> declared = new ArrayList<>();
        for (Relation relation : relations) {
            StringBuilder columns = new StringBuilder();
            for (int key = 0; key < relation.keys; key++) {
                columns.append("k").append(key).append(" ${big} NOT NULL, ");
            }
            columns.append("created ")
                    .append(relation == relations.get(0) ? time.type() : "${time}")
                    .append(", body TEXT");
            StringBuilder foreign = new StringBuilder();
            for (Reference reference : relation.references) {
                List<String> own = columnsOf(reference);
                own.forEach(column -> columns.append(", ").append(column).append(" ${big}"));
                String target = quoted(reference.parent()) + " (" + keys(reference.parent()) + ")";
                if (reference.action().equals("declared")) {
                    declared.add(prefix + '"' + relation.name + "\"(" + String.join(", ", own) + ") -> " + prefix + '"'
                            + reference.parent().name + "\"(" + keys(reference.parent()) + ")");
                } else {
                    String constraint = "FOREIGN KEY (" + String.join(", ", own) + ") REFERENCES " + target
                            + " ON DELETE " + reference.action();
                    foreign.append(", ").append(constraint);
                    constraints.add("ALTER TABLE " + quoted(relation) + " ADD " + constraint);
                }
            }
            if (relation.isComputing) {
                columns.append(", computed ${big} GENERATED ALWAYS AS (k0 * 2) STORED");
            }
            boolean isPostgres = site instanceof PostgresSite;
            site.execute("CREATE TABLE " + quoted(relation) + " (" + columns + ", PRIMARY KEY (" + keys(relation) + ")"
                    + (isPostgres ? "" : foreign) + ")"
                    + (!isPostgres && random.nextInt(4) == 0 ? " WITHOUT ROWID" : ""));
            for (Reference reference : relation.references) {
                site.execute("CREATE INDEX ON "
                                .replace(
                                        "INDEX ON",
                                        isPostgres
                                                ? "INDEX ON"
                                                : "INDEX \"i" + relations.indexOf(relation) + reference.name()
                                                        + "\" ON")
                        + quoted(relation) + " (" + String.join(", ", columnsOf(reference)) + ")");
            }
        }
        if (random.nextBoolean()) {
            site.execute("CREATE INDEX " + (site instanceof PostgresSite ? "" : "by_time") + " ON "
                    + quoted(relations.get(0)) + " (created)");
        }
        if (watched >= 0) {
            watch(site);
        }
        if (site instanceof SqliteSite) {
            site.execute("PRAGMA foreign_keys = OFF");
        }
        site.execute("BEGIN");
        for (Relation relation : relations) {
            for (Entry row : relation.rows) {
                site.execute(
                        "INSERT INTO " + quoted(relation) + " VALUES (" + String.join(", ", sql(relation, row)) + ")");
            }
        }
        if (site instanceof SqliteSite) {
            site.execute("COMMIT", "PRAGMA foreign_keys = ON");
        } else {
            site.execute("COMMIT");
            site.execute(constraints.toArray(new String[0]));
        }
        return declared;
    }

    private void watch(Site site) throws SQLException {
        String table = quoted(relations.get(watched));
        site.execute("CREATE TABLE " + prefix + "watch (id ${big})");
        if (site instanceof PostgresSite) {
            site.execute(
                    "CREATE FUNCTION " + prefix + "watched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "
                            + prefix + "watch VALUES (OLD.k0); RETURN OLD; END $$",
                    "CREATE TRIGGER watching AFTER DELETE ON " + table + " FOR EACH ROW EXECUTE FUNCTION " + prefix
                            + "watched()");
        } else {
            site.execute("CREATE TRIGGER watching AFTER DELETE ON " + table
                    + " BEGIN INSERT INTO watch VALUES (old.k0); END");
        }
    }

    /** By which the first table is purged. */
    Purge.Rule rule() {
        return new Purge.Rule(
                TableName.parse(quoted(relations.get(0))),
                ColumnName.parse("created"),
                Duration.ofDays(90),
                time.format,
                List.of());
    }

    /** The rows that the trigger must have seen go. */
    List<String> expectedSeen() {
        Set<Entry> doomed = doomed();
        return watched < 0
                ? List.of()
                : relations.get(watched).rows.stream()
                        .filter(doomed::contains)
                        .map(row -> Integer.toString(row.id))
                        .sorted()
                        .toList();
    }

    /** The rows that it saw go. */
    List<String> seen(Site site) throws SQLException {
        return watched < 0
                ? List.of()
                : site.column("SELECT id FROM " + prefix + "watch").stream()
                        .sorted()
                        .toList();
    }

    private String quoted(Relation relation) {
        return prefix + '"' + relation.name + '"';
    }

    private static String keys(Relation relation) {
        return relation.keys == 1 ? "k0" : "k0, k1";
    }

    private static List<String> columnsOf(Reference reference) {
        return reference.parent().keys == 1
                ? List.of(reference.name() + "_0")
                : List.of(reference.name() + "_0", reference.name() + "_1");
    }

    private List<String> sql(Relation relation, Entry row) {
        List<@Nullable String> all = values(relation, row, Set.of(), false);
        List<String> values = all.subList(0, all.size() - (relation.isComputing ? 1 : 0)).stream()
                .map(value -> value == null ? "NULL" : "'" + value + "'")
                .collect(Collectors.toCollection(ArrayList::new));
        return values;
    }

    /** The row's columns in order, with references to these rows taken out. */
    private List<@Nullable String> values(Relation relation, Entry row, Set<Entry> gone, boolean isMasked) {
        List<@Nullable String> values = new ArrayList<>();
        values.add(Integer.toString(row.id));
        if (relation.keys == 2) {
            values.add(Integer.toString(row.id % 3));
        }
        values.add(row.time == null ? null : time.written(row.time));
        values.add("row " + row.id);
        for (int i = 0; i < row.refers.length; i++) {
            if (isMasked && relation.references.get(i).action().equals("SET NULL")) {
                continue;
            }
            Entry target = row.refers[i];
            boolean isThere = target != null && !gone.contains(target);
            values.add(isThere ? Integer.toString(target.id) : null);
            if (relation.references.get(i).parent().keys == 2) {
                values.add(isThere ? Integer.toString(target.id % 3) : null);
            }
        }
        if (relation.isComputing) {
            values.add(Integer.toString(row.id * 2));
        }
        return values;
    }

    /** What must be left, by table, each row as its values in order of its key. */
    Map<String, List<String>> expected() {
        Set<Entry> doomed = doomed();
        return contents(doomed, doomed, false);
    }

    private Set<Entry> doomed() {
        Set<Entry> doomed = new HashSet<>();
        relations.get(0).rows.stream()
                .filter(row -> row.time != null && row.time.isBefore(CUTOFF))
                .forEach(doomed::add);
        boolean isGrowing = true;
        while (isGrowing) {
            isGrowing = false;
            for (Relation relation : relations) {
                for (Entry row : relation.rows) {
                    for (int i = 0; i < row.refers.length; i++) {
                        if (!relation.references.get(i).action().equals("SET NULL")
                                && row.refers[i] != null
                                && doomed.contains(row.refers[i])) {
                            isGrowing |= doomed.add(row);
                        }
                    }
                }
            }
        }
        return doomed;
    }

    /**
     * What was there, but for references that the database itself may have taken out: a purge cannot archive what was gone
     * when its batch came.
     */
    Map<String, List<String>> original() {
        return contents(Set.of(), Set.of(), true);
    }

    private Map<String, List<String>> contents(Set<Entry> gone, Set<Entry> nulled, boolean isMasked) {
        TreeMap<String, List<String>> contents = new TreeMap<>();
        for (Relation relation : relations) {
            List<String> rows = new ArrayList<>();
            for (Entry row : relation.rows) {
                if (!gone.contains(row)) {
                    // a doomed row keeps its references: it is archived before they are taken out
                    Set<Entry> out = nulled.contains(row) ? Set.of() : nulled;
                    rows.add(values(relation, row, out, isMasked).stream()
                            .map(String::valueOf)
                            .collect(Collectors.joining("|")));
                }
            }
            Collections.sort(rows);
            contents.put(relation.name, rows);
        }
        return contents;
    }

    /** What is there. */
    Map<String, List<String>> actual(Site site, boolean isMasked) throws SQLException {
        TreeMap<String, List<String>> contents = new TreeMap<>();
        for (Relation relation : relations) {
            List<String> columns = new ArrayList<>(relation.keys == 1 ? List.of("k0") : List.of("k0", "k1"));
            columns.add(
                    site instanceof PostgresSite && (time == Time.NATIVE || relation != relations.get(0))
                            ? "replace(to_char(created AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') || 'Z',"
                                    + " '.000000Z', 'Z')"
                            : "created");
            columns.add("body");
            relation.references.stream()
                    .filter(reference -> !isMasked || !reference.action().equals("SET NULL"))
                    .forEach(reference -> columns.addAll(columnsOf(reference)));
            if (relation.isComputing) {
                columns.add("computed");
            }
            String row = columns.stream()
                    .map(column -> "coalesce(CAST(" + column + " AS TEXT), 'null')")
                    .collect(Collectors.joining(" || '|' || "));
            List<String> rows = new ArrayList<>(site.column("SELECT " + row + " FROM " + quoted(relation)));
            Collections.sort(rows);
            contents.put(relation.name, rows);
        }
        return contents;
    }

    @Override
    public String toString() {
        return relations.stream()
                .map(relation -> relation.name + "/" + relation.keys
                        + relation.references.stream()
                                .map(reference ->
                                        reference.name() + "->" + reference.parent().name + " " + reference.action())
                                .toList())
                .collect(Collectors.joining("; "));
    }
}
