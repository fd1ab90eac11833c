package dev.upkeep.executor.operation;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.MaintainPartitions;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Keeps the rows of partitions that are about to be dropped, where those of purges are kept. */
public interface PartitionArchive {
    /**
     * Why this executor's settings for purges do not let the order drop partitions: dropping one deletes its rows. Empty if they do.
     *
     * @param table in the catalogue's spelling, with its schema
     * @param now by the database's clock
     */
    Optional<Reason> objection(Order<MaintainPartitions> order, DatabaseId database, TableName table, Instant now);

    /**
     * The instant before which a partition must end, where its boundaries say no zone and are read as UTC: the later the local time is,
     * the longer they stay.
     *
     * @param cutoff by the order
     */
    Instant localCutoff(DatabaseId database, Instant cutoff);

    /**
     * Writes all rows of a partition away, durably, before it returns. To be called in the transaction that drops it, which sees in each
     * statement what is there when it begins. A second call for the same order and partition begins anew.
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

        /** Whether these are just the rows that are there now; to be asked under a lock that keeps writers out. */
        boolean isAll(Connection connection) throws SQLException;

        /** The partition is gone. */
        void dropped() throws IOException;

        /** The partition is known to have stayed: forgets what was written. */
        void stayed() throws IOException;
    }
}
