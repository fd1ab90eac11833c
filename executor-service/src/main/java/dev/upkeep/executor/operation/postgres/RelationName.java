package dev.upkeep.executor.operation.postgres;

import dev.upkeep.common.id.TableName;
import java.util.regex.Pattern;

/** A table, index or sequence by its catalogue names, which may hold any character; never built from what an order says. */
public record RelationName(String schema, String name) implements Comparable<RelationName> {
    private static final Pattern PLAIN = Pattern.compile("[\\p{L}_][\\p{L}\\p{M}\\p{N}_$]*");

    /** For statements: both parts quoted. */
    public String sql() {
        return quoted(schema) + "." + quoted(name);
    }

    /** For people and orders: as {@link TableName} writes it, case kept, quotes only where it needs them. */
    public String text() {
        return written(schema) + "." + written(name);
    }

    /** The name as reports carry it; characters that a report's name cannot hold become {@code _}. */
    public TableName table() {
        return TableName.parse(safe(schema) + "." + safe(name));
    }

    private static String safe(String part) {
        return written(part.replaceAll("[^\\p{L}\\p{M}\\p{N}_$ .:#-]", "_"));
    }

    private static String written(String part) {
        return PLAIN.matcher(part).matches() ? part : '"' + part + '"';
    }

    /** One identifier as statements hold it. */
    public static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    @Override
    public int compareTo(RelationName other) {
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return text();
    }
}
