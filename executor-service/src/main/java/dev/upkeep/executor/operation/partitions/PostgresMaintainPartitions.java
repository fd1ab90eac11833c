package dev.upkeep.executor.operation.partitions;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.MaintainPartitions;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.PartitionArchive;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;

/**
 * Creates the partitions of a PostgreSQL table ahead of time, and detaches and drops those past their retention. A new partition is
 * built beside the table and then attached, which takes a weaker lock than creating it in place; one is detached concurrently where
 * the server can. A partition that ends exactly at the cutoff goes, as all its rows are older.
 */
@ApplicationScoped
public class PostgresMaintainPartitions implements Operation<MaintainPartitions, PostgresDatabase> {
    private final PartitionArchive archive;

    public PostgresMaintainPartitions(PartitionArchive archive) {
        this.archive = archive;
    }

    @Override
    public Class<MaintainPartitions> task() {
        return MaintainPartitions.class;
    }

    @Override
    public Class<PostgresDatabase> database() {
        return PostgresDatabase.class;
    }

    @Override
    public Done perform(Order<MaintainPartitions> order, PostgresDatabase database, Attempt attempt)
            throws SQLException, IOException {
        Done done = maintain(order, database, attempt);
        return order.task().archive().isPresent() && !order.dryRun()
                ? archive.copied(done, database.id(), attempt)
                : done;
    }

    private Done maintain(Order<MaintainPartitions> order, PostgresDatabase database, Attempt attempt)
            throws SQLException, IOException {
        MaintainPartitions task = order.task();
        try (PostgresSession session = PostgresSession.open(database, order.command(), attempt)) {
            if (session.isStandby()) {
                return Done.rejected(PostgresSession.standby());
            }
            PartitionedTable table = PartitionedTable.read(session, task.table());
            if (task.interval() == MaintainPartitions.Interval.HOUR
                    && table.type().equals("date")) {
                return Done.rejected(new Reason(
                        Code.INVALID,
                        "interval: hour (column " + table.column() + " is a date, its shortest interval is day)"));
            }
            Instant now = session.first(
                            "SELECT now()", row -> row.getTimestamp(1).toInstant())
                    .orElseThrow();
            Instant asOf = order.asOf().isBefore(now) ? order.asOf() : now;
            return new PartitionRound(session, attempt, order, database.id(), archive).done(table, now, asOf);
        }
    }
}
