package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.CheckRule.Side.ABOVE;
import static dev.upkeep.executor.operation.health.CheckRule.Side.BELOW;
import static dev.upkeep.executor.operation.health.Unit.BYTES;
import static dev.upkeep.executor.operation.health.Unit.COUNT;
import static dev.upkeep.executor.operation.health.Unit.RATIO;
import static dev.upkeep.executor.operation.health.Unit.SECONDS;

import java.util.List;
import java.util.stream.Stream;

/** The checks of PostgreSQL databases, with their built-in limits. */
final class PostgresChecks {
    private static final double MIN = 60;
    private static final double HOUR = 3_600;
    private static final double DAY = 86_400;
    private static final double MIB = 1024 * 1024;
    private static final double GIB = 1024 * MIB;

    static final CheckRule REACHABLE =
            CheckRule.critical("reachable", COUNT, BELOW, 0, "whether the database lets us in and answers");
    static final CheckRule NOT_LOOKED = CheckRule.informing(
            "not-looked",
            COUNT,
            ABOVE,
            "a part of the health check that could not be done, for want of a right or a lock");
    static final CheckRule ROUND_TRIP =
            CheckRule.above("round-trip", SECONDS, 0.5, 2, "how long the simplest statement takes");
    static final CheckRule CLOCK_OFFSET = CheckRule.above(
            "clock-offset", SECONDS, 30, 5 * MIN, "difference between the server's clock and the executor's");
    static final CheckRule CONNECTIONS = CheckRule.above(
            "connections", RATIO, 0.75, 0.90, "client sessions as a share of max_connections minus reserved ones");
    static final CheckRule IDLE_IN_TRANSACTION = CheckRule.above(
            "idle-in-transaction", SECONDS, 5 * MIN, 15 * MIN, "how long a session has been idle inside a transaction");
    static final CheckRule LONG_QUERY =
            CheckRule.above("long-query", SECONDS, 5 * MIN, HOUR, "how long a session's statement has been running");
    static final CheckRule LOCK_WAIT =
            CheckRule.above("lock-wait", SECONDS, MIN, 5 * MIN, "how long a session has been waiting for a lock");
    static final CheckRule DEADLOCKS = CheckRule.above("deadlocks", COUNT, 3, 30, "deadlocks since the last check");
    static final CheckRule ROLLBACKS =
            CheckRule.above("rollbacks", RATIO, 0.10, 0.50, "share of transactions rolled back since the last check");
    static final CheckRule ROLLBACKS_COUNT = CheckRule.above(
            "rollbacks-count", COUNT, 1_000, 10_000, "floor of rollbacks: so many of them since the last check");
    static final CheckRule XID_AGE =
            CheckRule.above("xid-age", RATIO, 0.50, 0.75, "oldest transaction id as a share of 2^31");
    static final CheckRule MULTIXACT_AGE =
            CheckRule.above("multixact-age", RATIO, 0.50, 0.80, "oldest multixact id as a share of 2^31");
    static final CheckRule FREEZE_OVERDUE = CheckRule.above(
            "freeze-overdue", RATIO, 1.10, 1.25, "age of a table's oldest row as a share of autovacuum_freeze_max_age");
    static final CheckRule XMIN_HORIZON = CheckRule.above(
            "xmin-horizon", SECONDS, HOUR, DAY, "how long the oldest snapshot has kept dead rows from being removed");
    static final CheckRule PREPARED_TRANSACTIONS = CheckRule.above(
            "prepared-transactions", SECONDS, MIN, 10 * MIN, "how long a prepared transaction has been left open");
    static final CheckRule DEAD_ROWS = CheckRule.above("dead-rows", RATIO, 0.10, 0.20, "dead rows of a table");
    static final CheckRule DEAD_ROWS_COUNT = CheckRule.above(
            "dead-rows-count", COUNT, 10_000, 1_000_000, "floor of dead-rows: so many dead rows in the table");
    static final CheckRule VACUUM_OVERDUE = CheckRule.above(
            "vacuum-overdue", SECONDS, 2 * DAY, 7 * DAY, "since the last vacuum of a table over its own threshold");
    static final CheckRule ANALYZE_OVERDUE = CheckRule.above(
            "analyze-overdue", SECONDS, 2 * DAY, 7 * DAY, "since the last analyze of a table over its own threshold");
    static final CheckRule TABLE_BLOAT =
            CheckRule.above("table-bloat", RATIO, 0.50, 0.80, "estimated share of a table's pages that is empty");
    static final CheckRule TABLE_BLOAT_SIZE =
            CheckRule.above("table-bloat-size", BYTES, 100 * MIB, GIB, "floor of table-bloat: so much of it is empty");
    static final CheckRule INDEX_BLOAT = CheckRule.above(
            "index-bloat", RATIO, 0.50, 0.80, "estimated share of a B-tree index's pages that is empty");
    static final CheckRule INDEX_BLOAT_SIZE =
            CheckRule.above("index-bloat-size", BYTES, 100 * MIB, GIB, "floor of index-bloat: so much of it is empty");
    static final CheckRule INVALID_INDEX = CheckRule.above(
            "invalid-index", SECONDS, HOUR, DAY, "since an invalid index that nobody builds was first seen");
    static final CheckRule UNUSED_INDEX =
            CheckRule.informing("unused-index", BYTES, ABOVE, "size of an index of 10 MiB or more that no query uses");
    static final CheckRule DUPLICATE_INDEX =
            CheckRule.informing("duplicate-index", BYTES, ABOVE, "size of an index that equals another one");
    static final CheckRule MISSING_PRIMARY_KEY = CheckRule.warning(
            "missing-primary-key", COUNT, ABOVE, 0, "estimated rows of a table without a primary key");
    static final CheckRule SEQUENCE_USED =
            CheckRule.above("sequence-used", RATIO, 0.75, 0.90, "used share of a sequence or of the key that it feeds");
    static final CheckRule REPLICATION_LAG =
            CheckRule.above("replication-lag", SECONDS, 30, 5 * MIN, "how far a standby is behind");
    static final CheckRule REPLICATION_LAG_SIZE =
            CheckRule.above("replication-lag-size", BYTES, 100 * MIB, GIB, "WAL that a standby has yet to replay");
    static final CheckRule INACTIVE_SLOT =
            CheckRule.above("inactive-slot", SECONDS, 5 * MIN, 30 * MIN, "since nobody reads a replication slot");
    static final CheckRule SLOT_WAL =
            CheckRule.above("slot-wal", BYTES, GIB, 5 * GIB, "WAL kept on disk for a replication slot");
    static final CheckRule ARCHIVER = CheckRule.below(
            "archiver", SECONDS, DAY, HOUR, "since the last failure of an archiver that has not succeeded after it");
    static final CheckRule ARCHIVE_READY =
            CheckRule.above("archive-ready", COUNT, 10, 50, "WAL files that wait to be archived");
    static final CheckRule WAL_SIZE = CheckRule.above("wal-size", RATIO, 2, 4, "pg_wal in terms of max_wal_size");
    static final CheckRule CACHE_HIT = CheckRule.informing(
            "cache-hit",
            RATIO,
            BELOW,
            "share of page reads served from shared_buffers since the last check, under 98 %");
    static final CheckRule CHECKSUM_FAILURES =
            CheckRule.critical("checksum-failures", COUNT, ABOVE, 1, "damaged pages found by checksums");
    static final CheckRule DURABILITY =
            CheckRule.critical("durability", COUNT, ABOVE, 1, "settings of fsync and full_page_writes that are off");
    static final CheckRule PENDING_RESTART =
            CheckRule.warning("pending-restart", COUNT, ABOVE, 1, "settings that were changed and wait for a restart");
    static final CheckRule DISABLED_TRIGGERS =
            CheckRule.warning("disabled-triggers", COUNT, ABOVE, 1, "disabled triggers of a table");
    static final CheckRule AUTOVACUUM_OFF =
            CheckRule.warning("autovacuum-off", COUNT, ABOVE, 1, "autovacuum switched off for the server or a table");
    static final CheckRule DATABASE_GROWTH =
            CheckRule.above("database-growth", RATIO, 3, 10, "growth since the last check in terms of its usual rate");
    static final CheckRule DATABASE_GROWTH_SIZE = CheckRule.above(
            "database-growth-size", BYTES, 100 * MIB, GIB, "floor of database-growth: so much since the last check");
    static final CheckRule PARTITION_HEADROOM = CheckRule.below(
            "partition-headroom", COUNT, 2, 1, "time partitions that exist ahead of now, in partition lengths");
    static final CheckRule RETENTION = CheckRule.above(
            "retention", RATIO, 1.1, 1.5, "age of a table's oldest row as a share of the retention in the policy");

    static final List<CheckRule> ALL = Stream.of(
                    List.of(
                            REACHABLE,
                            NOT_LOOKED,
                            ROUND_TRIP,
                            CLOCK_OFFSET,
                            CONNECTIONS,
                            IDLE_IN_TRANSACTION,
                            LONG_QUERY,
                            LOCK_WAIT,
                            DEADLOCKS,
                            ROLLBACKS,
                            ROLLBACKS_COUNT,
                            XID_AGE,
                            MULTIXACT_AGE,
                            FREEZE_OVERDUE,
                            XMIN_HORIZON,
                            PREPARED_TRANSACTIONS,
                            DEAD_ROWS,
                            DEAD_ROWS_COUNT,
                            VACUUM_OVERDUE,
                            ANALYZE_OVERDUE,
                            TABLE_BLOAT,
                            TABLE_BLOAT_SIZE,
                            INDEX_BLOAT,
                            INDEX_BLOAT_SIZE,
                            INVALID_INDEX,
                            UNUSED_INDEX,
                            DUPLICATE_INDEX,
                            MISSING_PRIMARY_KEY,
                            SEQUENCE_USED,
                            REPLICATION_LAG,
                            REPLICATION_LAG_SIZE,
                            INACTIVE_SLOT,
                            SLOT_WAL,
                            ARCHIVER,
                            ARCHIVE_READY,
                            WAL_SIZE,
                            CACHE_HIT,
                            CHECKSUM_FAILURES,
                            DURABILITY,
                            PENDING_RESTART,
                            DISABLED_TRIGGERS,
                            AUTOVACUUM_OFF,
                            DATABASE_GROWTH,
                            DATABASE_GROWTH_SIZE,
                            PARTITION_HEADROOM,
                            RETENTION),
                    HostChecks.BACKUPS,
                    HostChecks.DISKS)
            .flatMap(List::stream)
            .toList();

    private PostgresChecks() {}
}
