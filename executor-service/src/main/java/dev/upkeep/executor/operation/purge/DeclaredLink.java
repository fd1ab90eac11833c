package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A reference that the executor's configuration declares since the schema does not: {@code rows(run_id) -> runs(run_id)}. */
record DeclaredLink(TableName child, List<String> columns, TableName parent, List<String> parentColumns) {
    private static final Pattern FORM =
            Pattern.compile("\\s*([^()]+?)\\s*\\(([^()]+)\\)\\s*->\\s*([^()]+?)\\s*\\(([^()]+)\\)\\s*");

    static DeclaredLink parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new InvalidValue("links", text, "must be of the form child(column, …) -> parent(column, …)");
        }
        List<String> columns = columns(matcher.group(2));
        List<String> parentColumns = columns(matcher.group(4));
        if (columns.size() != parentColumns.size()) {
            throw new InvalidValue("links", text, "must name as many columns on both sides");
        }
        return new DeclaredLink(
                TableName.parse(matcher.group(1)), columns, TableName.parse(matcher.group(3)), parentColumns);
    }

    private static List<String> columns(String list) {
        return Pattern.compile(",")
                .splitAsStream(list)
                .map(part -> ColumnName.parse(part.strip()).column())
                .toList();
    }
}
