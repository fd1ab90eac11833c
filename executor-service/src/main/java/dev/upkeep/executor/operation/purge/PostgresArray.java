package dev.upkeep.executor.operation.purge;

import java.util.List;

/** Writes lists as PostgreSQL's array literals, and names as quoted identifiers. */
final class PostgresArray {
    private PostgresArray() {}

    static String of(List<String> values) {
        StringBuilder text = new StringBuilder(values.size() * 12 + 2).append('{');
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                text.append(',');
            }
            text.append('"');
            String value = values.get(i);
            for (int at = 0; at < value.length(); at++) {
                char c = value.charAt(at);
                if (c == '"' || c == '\\') {
                    text.append('\\');
                }
                text.append(c);
            }
            text.append('"');
        }
        return text.append('}').toString();
    }

    /** For names that come from the catalogue. */
    static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
