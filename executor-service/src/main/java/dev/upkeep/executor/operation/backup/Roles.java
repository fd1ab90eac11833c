package dev.upkeep.executor.operation.backup;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The statements of {@code pg_dumpall --roles-only} that make those roles which a server lacks, with their attributes, settings,
 * comments and memberships. What concerns only roles that are there already is left out: they stay as they are.
 *
 * @param made names as they stand in SQL, quoted where needed
 */
record Roles(List<String> made, List<String> statements) {
    private static final String NAME = "(\"(?:[^\"]|\"\")*\"|[^\\s;]+)";
    private static final Pattern CREATED = Pattern.compile("CREATE ROLE " + NAME + ";", Pattern.DOTALL);
    private static final Pattern CHANGED = Pattern.compile(
            "(?:ALTER ROLE|COMMENT ON ROLE|SECURITY LABEL FOR \\S+ ON ROLE) " + NAME + " .*", Pattern.DOTALL);
    private static final Pattern GRANTED = Pattern.compile("GRANT " + NAME + " TO " + NAME + "[ ;].*", Pattern.DOTALL);
    private static final Pattern ALLOWED =
            Pattern.compile("GRANT \\S+ ON PARAMETER .* TO " + NAME + "[ ;].*", Pattern.DOTALL);

    /** @param existing as {@code quote_ident} writes them */
    static Roles lacking(String script, Set<String> existing) {
        Set<String> made = new LinkedHashSet<>();
        List<String> kept = new ArrayList<>();
        for (String statement : statements(script)) {
            Matcher created = CREATED.matcher(statement);
            Matcher changed = CHANGED.matcher(statement);
            Matcher granted = GRANTED.matcher(statement);
            Matcher allowed = ALLOWED.matcher(statement);
            boolean isWanted = false;
            if (created.matches()) {
                isWanted = !existing.contains(created.group(1)) && made.add(created.group(1));
            } else if (changed.matches()) {
                isWanted = made.contains(changed.group(1));
            } else if (granted.matches()) {
                isWanted = made.contains(granted.group(1)) || made.contains(granted.group(2));
            } else if (allowed.matches()) {
                isWanted = made.contains(allowed.group(1));
            }
            if (isWanted) {
                kept.add(statement);
            }
        }
        return new Roles(List.copyOf(made), List.copyOf(kept));
    }

    /** A statement ends at a semicolon at the end of a line, outside of quotes. */
    private static List<String> statements(String script) {
        List<String> statements = new ArrayList<>();
        StringBuilder statement = new StringBuilder();
        boolean inText = false;
        boolean inName = false;
        for (String line : script.split("\n", -1)) {
            if (statement.isEmpty() && (line.isBlank() || line.startsWith("--") || line.startsWith("\\"))) {
                continue;
            }
            for (int i = 0; i < line.length(); i++) {
                inText ^= line.charAt(i) == '\'' && !inName;
                inName ^= line.charAt(i) == '"' && !inText;
            }
            statement.append(statement.isEmpty() ? "" : "\n").append(line);
            if (!inText && !inName && line.endsWith(";")) {
                statements.add(statement.toString());
                statement.setLength(0);
            }
        }
        return statements;
    }
}
