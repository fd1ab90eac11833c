package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.ColumnName;
import java.util.List;

/** A typed condition on a column, in place of free SQL: the column's value is (or is not) one of these texts or numbers. */
public record Condition(ColumnName column, Operator operator, List<String> values) {
    /** The comparisons there are. */
    public enum Operator {
        IN,
        NOT_IN
    }

    public Condition {
        Check.present("column", column);
        Check.present("operator", operator);
        values = Check.notEmpty("values", values);
        Check.between("values", values.size(), 1, 100);
        values.forEach(value -> {
            if (value.length() > 200 || value.indexOf('\0') >= 0) {
                throw new InvalidValue("values", value, "must be at most 200 characters without NUL");
            }
        });
    }
}
