package dev.upkeep.executor.operation.purge;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether the values of a parent and a child compare in a query as they do in a foreign key. A foreign key takes the child's value
 * as one of the parent's column, with that column's affinity and collation; a query takes the collation of the left side, and
 * makes numbers of texts if one of the sides is a number.
 */
final class SqliteComparison {
    private final Connection connection;
    private final Table parent;
    private final Table child;

    /** What a column makes of the values that it is given. */
    private enum Affinity {
        NUMBER,
        TEXT,
        NONE
    }

    SqliteComparison(Connection connection, Table parent, Table child) {
        this.connection = connection;
        this.parent = parent;
        this.child = child;
    }

    /** As {@link Session#obstacle}. */
    Optional<String> obstacle(Link link) throws SQLException {
        for (int i = 0; i < link.columns().size(); i++) {
            String own = link.columns().get(i);
            String referred = link.parentColumns().get(i);
            Affinity taken = affinity(child, own);
            boolean isAlike = switch (affinity(parent, referred)) {
                case NUMBER -> true;
                case TEXT -> taken == Affinity.TEXT;
                case NONE -> taken != Affinity.NUMBER;
            };
            if (!isAlike) {
                return Optional.of("its column " + own + " is declared as '" + type(child, own)
                        + "' and refers to one of '" + type(parent, referred)
                        + "': a query does not compare their values as a foreign key does");
            }
            String left = "p." + SqliteCatalogue.quoted(referred);
            String right = "c." + SqliteCatalogue.quoted(own);
            if (!comparison(left, right).equals(comparison(right, left))) {
                return Optional.of("its column " + own + " has another collation than " + referred
                        + ", so that it is not certain which rows are equal");
            }
        }
        return Optional.empty();
    }

    private static String type(Table table, String column) {
        return table.column(column).map(Table.Column::type).orElse("");
    }

    /** By the rules of https://sqlite.org/datatype3.html, section 3.1. */
    private static Affinity affinity(Table table, String column) {
        String type = type(table, column).toUpperCase(Locale.ROOT);
        if (type.contains("INT")) {
            return Affinity.NUMBER;
        }
        if (type.contains("CHAR") || type.contains("CLOB") || type.contains("TEXT")) {
            return Affinity.TEXT;
        }
        // ANY is one in strict tables, where it takes each value as it is
        return type.isEmpty() || type.contains("BLOB") || type.equals("ANY") ? Affinity.NONE : Affinity.NUMBER;
    }

    /** The collation by which the engine is going to compare, in its own words. */
    private String comparison(String left, String right) throws SQLException {
        StringBuilder collations = new StringBuilder();
        try (Statement statement = connection.createStatement();
                ResultSet steps = statement.executeQuery("EXPLAIN SELECT " + left + " = " + right + " FROM "
                        + parent.sql() + " AS p, " + child.sql() + " AS c")) {
            while (steps.next()) {
                if (steps.getString("opcode").equals("Eq")) {
                    collations.append(steps.getString("p4")).append(' ');
                }
            }
        }
        return collations.toString();
    }
}
