package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.Check;
import java.util.Map;

/**
 * What is in a backup, as it was read back from the backup itself: what a restored copy must have, too.
 *
 * @param schemaHash over all definitions, whatever their order
 * @param tables the number of tables with rows of their own
 * @param rows of all tables
 * @param byTable rows and hash of each table, of at most {@value #LISTED}; the figures above are over all
 */
record Contents(String schemaHash, long tables, long rows, Map<String, Table> byTable) {
    static final int LISTED = 1_000;

    /** A table's rows, and a hash over them whatever their order; the hash is empty where only rows were counted. */
    record Table(long rows, String hash) {}

    Contents {
        Check.present("schemaHash", schemaHash);
        byTable = Check.map("byTable", byTable);
    }
}
