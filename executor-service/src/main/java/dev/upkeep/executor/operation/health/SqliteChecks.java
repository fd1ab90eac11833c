package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.CheckRule.Side.ABOVE;
import static dev.upkeep.executor.operation.health.CheckRule.Side.BELOW;
import static dev.upkeep.executor.operation.health.Unit.BYTES;
import static dev.upkeep.executor.operation.health.Unit.COUNT;
import static dev.upkeep.executor.operation.health.Unit.RATIO;
import static dev.upkeep.executor.operation.health.Unit.SECONDS;

import java.util.List;
import java.util.stream.Stream;

/** The checks of SQLite files, with their built-in limits. */
final class SqliteChecks {
    private static final double MIN = 60;
    private static final double HOUR = 3_600;
    private static final double MIB = 1024 * 1024;
    private static final double MB = 1_000_000;

    static final CheckRule REACHABLE =
            CheckRule.critical("reachable", COUNT, BELOW, 0, "whether the file opens and answers");
    static final CheckRule ROUND_TRIP =
            CheckRule.above("round-trip", SECONDS, 0.5, 2, "how long opening the file and reading its schema takes");
    static final CheckRule QUICK_CHECK = CheckRule.critical(
            "quick-check", COUNT, ABOVE, 1, "faults that quick_check finds (full profile), and damage met on the way");
    static final CheckRule FOREIGN_KEYS = CheckRule.warning(
            "foreign-keys", COUNT, ABOVE, 1, "rows of a table whose parent is missing (full profile)");
    static final CheckRule JOURNAL_MODE = CheckRule.informing(
            "journal-mode", COUNT, BELOW, "1 in WAL mode, else 0; set a limit of 0 where WAL is expected");
    static final CheckRule WAL_FILE_SIZE =
            CheckRule.above("wal-file-size", BYTES, 64 * MIB, 512 * MIB, "size of the -wal file");
    static final CheckRule WAL_RATIO =
            CheckRule.above("wal-ratio", RATIO, 1, 4, "the -wal file as a share of the database, from 16 MiB on");
    static final CheckRule CHECKPOINT_HELD_BACK = CheckRule.above(
            "checkpoint-held-back",
            SECONDS,
            10 * MIN,
            HOUR,
            "how long writes have gone to a log of 8 MiB or more from which nothing reached the file, with a reader at work");
    static final CheckRule FREELIST = CheckRule.above("freelist", RATIO, 0.10, 0.20, "free pages of the file");
    static final CheckRule FREELIST_SIZE = CheckRule.above(
            "freelist-size", BYTES, 64 * MIB, 64 * MIB, "floor of freelist: so much of the file is free");
    static final CheckRule DATABASE_SIZE =
            CheckRule.above("database-size", BYTES, 500 * MB, 1_000 * MB, "size of the file, free pages included");
    static final CheckRule RETENTION = CheckRule.above(
            "retention", RATIO, 1.1, 1.5, "age of a table's oldest row as a share of the retention in the policy");
    static final CheckRule NOT_LOOKED = CheckRule.informing(
            "not-looked",
            COUNT,
            ABOVE,
            "a part of the health check that could not be done, for want of an index or a column");
    static final CheckRule STALE_LEASES = CheckRule.above(
            "stale-leases", COUNT, 10, 50, "rows of a queue whose lease ran out longer ago than the grace");
    static final CheckRule DATABASE_GROWTH =
            CheckRule.above("database-growth", RATIO, 3, 10, "growth since the last check in terms of its usual rate");
    static final CheckRule DATABASE_GROWTH_SIZE = CheckRule.above(
            "database-growth-size",
            BYTES,
            100 * MIB,
            1024 * MIB,
            "floor of database-growth: so much since the last check");
    static final CheckRule WRITE_LOCK = CheckRule.above(
            "write-lock",
            RATIO,
            0.50,
            0.90,
            "share of looks within a moment at which another process held the write lock");

    static final List<CheckRule> ALL = Stream.of(
                    List.of(
                            REACHABLE,
                            NOT_LOOKED,
                            ROUND_TRIP,
                            QUICK_CHECK,
                            FOREIGN_KEYS,
                            JOURNAL_MODE,
                            WAL_FILE_SIZE,
                            WAL_RATIO,
                            CHECKPOINT_HELD_BACK,
                            FREELIST,
                            FREELIST_SIZE,
                            DATABASE_SIZE,
                            RETENTION,
                            STALE_LEASES,
                            DATABASE_GROWTH,
                            DATABASE_GROWTH_SIZE,
                            WRITE_LOCK),
                    HostChecks.BACKUPS,
                    HostChecks.DISKS)
            .flatMap(List::stream)
            .toList();

    private SqliteChecks() {}
}
