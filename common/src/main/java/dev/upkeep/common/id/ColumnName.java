package dev.upkeep.common.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.upkeep.common.Check;

/** Names a column, case as written; cannot hold a quote, semicolon, bracket or control character. */
public record ColumnName(String column) {
    public ColumnName {
        Identifier.parts("column", Identifier.written(column), 1);
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static ColumnName parse(String text) {
        return new ColumnName(
                Identifier.parts("column", Check.present("column", text), 1).get(0));
    }

    /** The written form, which {@link #parse} reads back. */
    @JsonValue
    public String text() {
        return Identifier.written(column);
    }

    @Override
    public String toString() {
        return text();
    }
}
