package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.Sha256;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.MaintainPartitions;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.PartitionArchive;
import dev.upkeep.executor.operation.VerifiedBackups;
import dev.upkeep.executor.operation.encryption.Keys;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Writes the rows of PostgreSQL partitions into archives as purges leave them, a receipt for each. The receipt says that it is
 * complete only when the partition is gone; one of a try that died says what is written, and a new try begins anew. Thread-safe.
 */
@ApplicationScoped
class PartitionArchives implements PartitionArchive {
    private final PurgeConfig config;
    private final VerifiedBackups backups;
    private final ArchiveStore archives;

    PartitionArchives(PurgeConfig config, VerifiedBackups backups, ArchiveStore archives) {
        this.config = config;
        this.backups = backups;
        this.archives = archives;
    }

    @Override
    public Optional<Reason> objection(
            Order<MaintainPartitions> order, DatabaseId database, TableName table, Instant now) {
        Limits limits = Limits.of(config, database);
        try {
            Guardrails.demandKeep(order.task().keep().orElseThrow(), table, limits.guards());
            Guardrails.demandArchive(order.task().archive(), limits.guards());
            if (limits.guards().protect().stream().anyMatch(name -> names(name, table))) {
                return Optional.of(
                        new Reason(Code.GUARDRAIL, "table: " + table + " (is protected by upkeep.purge.databases)"));
            }
            if (!limits.guards().only().isEmpty()
                    && limits.guards().only().stream().noneMatch(name -> names(name, table))) {
                return Optional.of(new Reason(
                        Code.GUARDRAIL,
                        "table: " + table
                                + " (is not among the tables that upkeep.purge.databases names for purging)"));
            }
            Guardrails.demandBackup(Optional.empty(), database, limits.demands(), backups, now);
            return Optional.empty();
        } catch (Refused refused) {
            return Optional.of(refused.reason());
        }
    }

    private static boolean names(TableName name, TableName table) {
        return name.table().equals(table.table())
                && (name.schema().isEmpty() || name.schema().equals(table.schema()));
    }

    @Override
    public Instant localCutoff(DatabaseId database, Instant cutoff) {
        return Limits.of(config, database)
                .zone()
                .map(zone -> LocalTimes.bound(cutoff, zone).toInstant(ZoneOffset.UTC))
                .orElse(cutoff);
    }

    @Override
    public Kept keep(
            Order<MaintainPartitions> order,
            DatabaseId database,
            Connection connection,
            Doomed partition,
            Attempt attempt)
            throws SQLException, IOException {
        // one of the same name that came after it is another partition, whose archive must not take the place of this
        // one's
        long oid = PostgresPartition.leaving(connection, partition.sql()).oid();
        String hash = Sha256.hex(
                order.command() + "\n" + database + "\n" + partition.sql() + "\n" + oid + "\n" + order.asOf());
        String name = Receipt.name(order.asOf(), hash);
        Path folder = Receipt.folder(config.directory(), database).resolve(name);
        Keys keys = PurgeConfig.keys(config);
        Optional<Reason> locked = keys.mismatch();
        if (locked.isPresent()) {
            throw new Failure(locked.get().code(), locked.get().message());
        }
        forget(folder);
        Table parent = table(connection, partition);
        long start = System.nanoTime();
        Optional<PostgresPartitionRows.Seen> seen;
        Map<String, Long> rows;
        try (Archive archive = Archive.open(
                new Archive.Place(folder, Engine.POSTGRESQL, keys),
                order.task().archive().orElseThrow())) {
            say(connection);
            archive.begin(PostgresPartition.leaving(connection, partition.sql()));
            seen = new PostgresPartitionRows(connection, parent, partition.sql()).write(archive, attempt);
            archive.finish();
            rows = archive.rows();
        }
        Receipt receipt = new Receipt(
                name,
                database,
                Engine.POSTGRESQL,
                order.command(),
                order.asOf(),
                hash,
                purge(order.task(), partition),
                Instant.now(),
                (System.nanoTime() - start) / 1e9,
                false,
                rows,
                List.of(new Receipt.Shape(parent.name().text(), parent.columns())),
                Receipt.partsIn(folder),
                Optional.of(new Receipt.Partition(partition.schema(), partition.name(), partition.bound())));
        receipt.write(folder);
        return new Written(receipt, folder, seen, parent, partition.sql());
    }

    private static Table table(Connection connection, Doomed partition) throws SQLException {
        try {
            return new PostgresCatalogue(connection).entry(partition.parent()).table();
        } catch (Refused refused) {
            throw new Failure(refused.reason().code(), refused.reason().message());
        }
    }

    /** How the server is to write values. */
    private static void say(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL extra_float_digits = 1; SET LOCAL DateStyle = 'ISO, YMD';"
                    + " SET LOCAL IntervalStyle = 'postgres'; SET LOCAL bytea_output = 'hex'");
        }
    }

    private static Purge purge(MaintainPartitions task, Doomed partition) {
        Purge.Rule rule = new Purge.Rule(
                partition.parent(),
                ColumnName.parse(PostgresArray.identifier(partition.column())),
                task.keep().orElseThrow(),
                Optional.empty(),
                List.of());
        return new Purge(List.of(rule), task.archive(), Optional.empty(), Optional.empty(), false, Optional.empty());
    }

    @Override
    public List<String> settled(Order<MaintainPartitions> order, DatabaseId database, Connection connection)
            throws SQLException, IOException {
        Path all = Receipt.folder(config.directory(), database);
        if (!Files.isDirectory(all)) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        try (Stream<Path> found = Files.list(all)) {
            for (Path folder : found.filter(Files::isDirectory).sorted().toList()) {
                Optional<Receipt> receipt =
                        read(folder).filter(one -> one.command().equals(order.command()) && !one.complete());
                if (receipt.isPresent()
                        && receipt.get().partition().isPresent()
                        && !exists(connection, receipt.get().partition().get())) {
                    receipt.get().completed().write(folder);
                    names.add(receipt.get().name());
                }
            }
        }
        return names;
    }

    private static Optional<Receipt> read(Path folder) throws IOException {
        try {
            return Receipt.read(folder);
        } catch (Unreadable e) {
            // of another version: not of this order
            return Optional.empty();
        }
    }

    private static boolean exists(Connection connection, Receipt.Partition partition) throws SQLException {
        try (PreparedStatement look =
                connection.prepareStatement("SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n"
                        + " ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ?)")) {
            look.setString(1, partition.schema());
            look.setString(2, partition.name());
            try (ResultSet row = look.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    @Override
    public Done copied(Done done, DatabaseId database, Attempt attempt) throws IOException {
        return archives.after(done, config.directory(), database, attempt);
    }

    private static void forget(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private record Written(
            Receipt written, Path folder, Optional<PostgresPartitionRows.Seen> seen, Table parent, String sql)
            implements Kept {
        @Override
        public String receipt() {
            return written.name();
        }

        @Override
        public boolean isComplete() {
            return seen.isPresent();
        }

        @Override
        public boolean isAll(Connection connection) throws SQLException {
            return seen.equals(Optional.of(new PostgresPartitionRows(connection, parent, sql).look()));
        }

        @Override
        public void dropped() throws IOException {
            written.completed().write(folder);
        }

        @Override
        public void stayed() throws IOException {
            forget(folder);
        }
    }
}
