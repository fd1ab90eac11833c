package dev.upkeep.common.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.upkeep.common.Check;
import java.util.List;
import java.util.Optional;

/**
 * Names a table as people write it: {@code events}, {@code audit.rows}, {@code "My Table"}. It cannot hold a quote, semicolon,
 * bracket or control character; case is kept as written, and operations look the name up in the database's catalogue before
 * use. Without a schema, the engine's default applies ({@code public}, {@code main}).
 */
public record TableName(Optional<String> schema, String table) implements Comparable<TableName> {
    public TableName {
        schema.ifPresent(name -> Identifier.parts("schema", Identifier.written(name), 1));
        Identifier.parts("table", Identifier.written(table), 1);
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static TableName parse(String text) {
        List<String> parts = Identifier.parts("table", Check.present("table", text), 2);
        return parts.size() == 1
                ? new TableName(Optional.empty(), parts.get(0))
                : new TableName(Optional.of(parts.get(0)), parts.get(1));
    }

    /** The written form, which {@link #parse} reads back. */
    @JsonValue
    public String text() {
        return schema.map(name -> Identifier.written(name) + ".").orElse("") + Identifier.written(table);
    }

    @Override
    public int compareTo(TableName other) {
        return text().compareTo(other.text());
    }

    @Override
    public String toString() {
        return text();
    }
}
