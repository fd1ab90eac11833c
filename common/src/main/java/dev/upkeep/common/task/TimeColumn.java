package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;

/** A table and the column that says how old its rows are. */
public record TimeColumn(TableName table, ColumnName column) {
    public TimeColumn {
        Check.present("table", table);
        Check.present("column", column);
    }
}
