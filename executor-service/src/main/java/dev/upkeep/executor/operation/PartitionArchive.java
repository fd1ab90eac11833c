package dev.upkeep.executor.operation;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.task.MaintainPartitions;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Keeps the rows of partitions that are about to be dropped, where those of purges are kept. */
public interface PartitionArchive {
    /**
     * Writes all rows of a partition away, durably, before it returns. To be called in the transaction that drops it, under a lock
     * that keeps writers out. A second call for the same order and partition begins anew.
     */
    Kept keep(
            Order<MaintainPartitions> order,
            DatabaseId database,
            Connection connection,
            Doomed partition,
            Attempt attempt)
            throws SQLException, IOException;

    /** The receipts of an earlier try at the order that died between dropping a partition and saying so. */
    List<String> settled(Order<MaintainPartitions> order, DatabaseId database, Connection connection)
            throws SQLException, IOException;

    /** Copies what was kept to where archives go, and says in what was done if that failed. */
    Done copied(Done done, DatabaseId database, Attempt attempt) throws IOException;

    /**
     * A partition.
     *
     * @param parent the table that it belongs to
     * @param column by which that is partitioned
     * @param sql its own name as it goes into statements
     * @param bound as the catalogue writes it: {@code FOR VALUES FROM (…) TO (…)}
     */
    record Doomed(TableName parent, String column, String schema, String name, String sql, String bound) {}

    /** What was written for one partition. */
    interface Kept {
        /** By which it can be brought back. */
        String receipt();

        /** Whether all rows were written; false if there was a reason to stop. */
        boolean isComplete();

        /** The partition is gone. */
        void dropped() throws IOException;

        /** The partition is known to have stayed: forgets what was written. */
        void stayed() throws IOException;
    }
}
