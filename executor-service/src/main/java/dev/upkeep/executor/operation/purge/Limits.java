package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/**
 * What the executor's configuration lets a purge of one database do. Checked when it is built: a bad value is named with its
 * key and never corrected.
 */
record Limits(
        Path directory,
        Guards guards,
        Batching batching,
        Optional<ZoneId> zone,
        List<DeclaredLink> links,
        Demands demands) {

    /** What is refused. */
    record Guards(
            Duration leastKeep,
            long maxRows,
            double maxShare,
            double maxDeviation,
            long maxUnindexedRows,
            boolean requireArchive,
            List<TableName> protect,
            List<TableName> only) {
        Guards {
            Check.positive("upkeep.purge.least-keep", leastKeep);
            Check.between("upkeep.purge.max-rows", maxRows, 1, Long.MAX_VALUE);
            Check.share("upkeep.purge.max-share", maxShare);
            if (!(maxDeviation >= 1)) {
                throw new InvalidValue(
                        "upkeep.purge.max-deviation", Double.toString(maxDeviation), "must be at least 1");
            }
            Check.between("upkeep.purge.max-unindexed-rows", maxUnindexedRows, 0, Long.MAX_VALUE);
        }
    }

    /** How large transactions are. */
    record Batching(Duration target, int mostRows, boolean dropPartitions) {
        Batching {
            Check.positive("upkeep.purge.batch-duration", target);
            Check.between("upkeep.purge.batch-rows", mostRows, 1, 1_000_000);
        }

        static Batching of(PurgeConfig config) {
            return new Batching(config.batchDuration(), config.batchRows(), config.dropPartitions());
        }
    }

    /** What must be so before anything is deleted. */
    record Demands(Optional<Duration> backupWithin, List<String> applications, List<Busy> busy) {}

    /** A table's state that means that something is going on. */
    record Busy(String name, TableName table, ColumnName column, List<String> values) {}

    static Limits of(PurgeConfig config, DatabaseId database) {
        Optional<PurgeConfig.ForDatabase> own =
                Optional.ofNullable(config.databases().get(database.text()));
        Guards guards = new Guards(
                own.flatMap(PurgeConfig.ForDatabase::leastKeep).orElse(config.leastKeep()),
                own.flatMap(PurgeConfig.ForDatabase::maxRows).orElse(config.maxRows()),
                own.flatMap(PurgeConfig.ForDatabase::maxShare).orElse(config.maxShare()),
                config.maxDeviation(),
                config.maxUnindexedRows(),
                config.requireArchive(),
                tables(own.flatMap(PurgeConfig.ForDatabase::protect)),
                tables(own.flatMap(PurgeConfig.ForDatabase::tables)));
        Demands demands = new Demands(
                own.flatMap(PurgeConfig.ForDatabase::backupWithin).or(config::backupWithin),
                own.flatMap(PurgeConfig.ForDatabase::activeApplications).orElse(List.of()),
                own.map(Limits::busy).orElse(List.of()));
        return new Limits(
                config.directory(),
                guards,
                Batching.of(config),
                own.flatMap(PurgeConfig.ForDatabase::timeZone).map(Limits::zone),
                own.flatMap(PurgeConfig.ForDatabase::links).orElse(List.of()).stream()
                        .map(DeclaredLink::parse)
                        .toList(),
                demands);
    }

    private static List<Busy> busy(PurgeConfig.ForDatabase own) {
        return own.activeWhile().entrySet().stream()
                .map(state -> new Busy(
                        state.getKey(),
                        TableName.parse(state.getValue().table()),
                        ColumnName.parse(state.getValue().column()),
                        state.getValue().values()))
                .toList();
    }

    private static List<TableName> tables(Optional<List<String>> names) {
        return names.orElse(List.of()).stream().map(TableName::parse).toList();
    }

    private static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new InvalidValue("time-zone", name, "must be a time zone such as UTC or Europe/Berlin");
        }
    }
}
