package dev.upkeep.executor.operation.partitions;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.MaintainPartitions;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.CrashPoint;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.PartitionArchive;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * Archives partitions and drops them. What is dropped is what was archived: it is archived while everybody reads and writes, and
 * dropped if nothing has changed by then; else done once more under a lock that keeps writers out. A crash leaves a partition whole,
 * or gone with its archive. Used by one thread.
 */
record ArchivedDrop(
        PostgresSession session,
        PartitionArchive archive,
        Order<MaintainPartitions> order,
        DatabaseId database,
        Attempt attempt) {

    /** Returns the receipt that brings it back; empty if it was not dropped, as there was a reason to stop. */
    Optional<String> perform(PartitionedTable table, PartitionedTable.Partition partition)
            throws SQLException, IOException {
        Optional<String> receipt = perform(table, partition, false);
        return receipt.isPresent() ? receipt : perform(table, partition, true);
    }

    private Optional<String> perform(
            PartitionedTable table, PartitionedTable.Partition partition, boolean keepsWritersOut)
            throws SQLException, IOException {
        if (attempt.stop().isPresent()) {
            return Optional.empty();
        }
        String own = partition.name().sql();
        session.takeTime();
        Connection connection = session.connection();
        connection.setAutoCommit(false);
        Optional<PartitionArchive.Kept> kept = Optional.empty();
        boolean isCommitting = false;
        try (Statement statement = connection.createStatement()) {
            // whatever the server's defaults are: each look sees what is there by then, and a long archive is no idle
            // session
            statement.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED;"
                    + " SET LOCAL idle_in_transaction_session_timeout = 0");
            if (keepsWritersOut) {
                statement.execute("LOCK TABLE " + own + " IN EXCLUSIVE MODE");
            }
            kept = Optional.of(archive.keep(order, database, connection, doomed(table, partition), attempt));
            if (!kept.get().isComplete()) {
                return Optional.empty();
            }
            statement.execute("LOCK TABLE " + own + " IN EXCLUSIVE MODE");
            if (!keepsWritersOut && !kept.get().isAll(connection)) {
                return Optional.empty();
            }
            CrashPoint.hit("partition-archived");
            statement.execute("ALTER TABLE " + table.name().sql() + " DETACH PARTITION " + own
                    + (partition.pending() ? " FINALIZE" : ""));
            statement.execute("DROP TABLE " + own);
            isCommitting = true;
            connection.commit();
        } finally {
            if (!isCommitting) {
                connection.rollback();
                if (kept.isPresent()) {
                    kept.get().stayed();
                }
            }
            connection.setAutoCommit(true);
        }
        CrashPoint.hit("partition-dropped");
        kept.get().dropped();
        return Optional.of(kept.get().receipt());
    }

    private PartitionArchive.Doomed doomed(PartitionedTable table, PartitionedTable.Partition partition)
            throws SQLException {
        String bound = session.first(
                        "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = ?::int8::oid",
                        row -> String.valueOf(row.getString(1)),
                        partition.oid())
                .orElseThrow();
        return new PartitionArchive.Doomed(
                table.name().table(),
                table.column(),
                partition.name().schema(),
                partition.name().name(),
                partition.name().sql(),
                bound);
    }
}
