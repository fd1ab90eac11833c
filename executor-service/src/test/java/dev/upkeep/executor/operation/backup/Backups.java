package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.Compression;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.task.Restore;
import dev.upkeep.common.task.Task;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.encryption.Keys;
import dev.upkeep.executor.operation.store.ObjectStore;
import io.quarkus.runtime.configuration.MemorySize;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A folder of backups with the settings and orders that tests need. */
record Backups(
        Path directory,
        Optional<List<Path>> clientDirectories,
        Optional<Path> walArchive,
        Pace pace,
        long free,
        Elsewhere elsewhere)
        implements BackupSettings {
    static final Instant AS_OF = Instant.parse("2026-11-21T02:00:00Z");

    /** A store that is not the folder, and keys. */
    record Elsewhere(
            Optional<ObjectStore> remote,
            Optional<List<String>> recipients,
            Optional<Path> identityFile,
            Optional<ObjectStore> walRemote) {}

    static Backups in(Path directory) {
        return new Backups(
                directory,
                Optional.empty(),
                Optional.empty(),
                Pace.FAST,
                1_000_000,
                new Elsewhere(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
    }

    Backups clientsIn(Path folder) {
        return new Backups(directory, Optional.of(List.of(folder)), walArchive, pace, free, elsewhere);
    }

    Backups mustLeaveFree(long bytes) {
        return new Backups(directory, clientDirectories, walArchive, pace, bytes, elsewhere);
    }

    Backups archiveIn(Path folder) {
        return new Backups(directory, clientDirectories, Optional.of(folder), pace, free, elsewhere);
    }

    Backups at(Pace other) {
        return new Backups(directory, clientDirectories, walArchive, other, free, elsewhere);
    }

    Backups inStore(ObjectStore remote) {
        return with(new Elsewhere(
                Optional.of(remote), elsewhere.recipients(), elsewhere.identityFile(), elsewhere.walRemote()));
    }

    Backups encryptedFor(String... recipients) {
        return with(new Elsewhere(
                elsewhere.remote(), Optional.of(List.of(recipients)), elsewhere.identityFile(), elsewhere.walRemote()));
    }

    Backups openedBy(Path identityFile) {
        return with(new Elsewhere(
                elsewhere.remote(), elsewhere.recipients(), Optional.of(identityFile), elsewhere.walRemote()));
    }

    /** With archived write-ahead log under {@code wal/} of a store. */
    Backups logIn(ObjectStore remote) {
        return with(new Elsewhere(
                elsewhere.remote(), elsewhere.recipients(), elsewhere.identityFile(), Optional.of(remote)));
    }

    private Backups with(Elsewhere other) {
        return new Backups(directory, clientDirectories, walArchive, pace, free, other);
    }

    @Override
    public Store store() {
        return elsewhere.remote().isPresent() ? Store.S3 : Store.FOLDER;
    }

    @Override
    public Optional<List<String>> recipients() {
        return elsewhere.recipients();
    }

    @Override
    public Optional<String> walStore() {
        return elsewhere.walRemote().map(remote -> "wal/");
    }

    @Override
    public Optional<Path> identityFile() {
        return elsewhere.identityFile();
    }

    @Override
    public Path restoreDirectory() {
        return directory.resolveSibling("restored");
    }

    @Override
    public String serverUser() {
        return "postgres";
    }

    @Override
    public Optional<MemorySize> rateLimit() {
        return Optional.empty();
    }

    @Override
    public int compressionLevel() {
        return 1;
    }

    @Override
    public MemorySize leastFree() {
        return new MemorySize(BigInteger.valueOf(free));
    }

    Catalogue catalogue() {
        return new Catalogue(directory, elsewhere::remote);
    }

    StartUp startUp() {
        return new StartUp(this, catalogue(), () -> {});
    }

    Taking taking() {
        return new Taking(this, catalogue(), database -> Optional.empty());
    }

    PostgresRestore postgresRestore() {
        return new PostgresRestore(
                this,
                catalogue(),
                new ContentChecks(this),
                new Restoring(this, catalogue()),
                new PostgresBackup(this, taking()),
                new WalArchives(this, () -> elsewhere.walRemote().orElseThrow()));
    }

    PostgresRestoreDrill postgresDrill() {
        return new PostgresRestoreDrill(this, new ContentChecks(this), new Drilling(this, catalogue()));
    }

    static <T extends Task> Order<T> order(T task) {
        return new Order<>(new CommandId("nightly/db@2026-11-21T02:00Z"), task, AS_OF, false, Optional.empty());
    }

    static <T extends Task> Order<T> dryRun(T task) {
        return new Order<>(new CommandId("nightly/db@2026-11-21T02:00Z"), task, AS_OF, true, Optional.empty());
    }

    static Backup by(Method method) {
        return new Backup(Optional.of(method), Optional.empty(), Optional.empty());
    }

    static Backup uncompressed() {
        return new Backup(Optional.empty(), Optional.of(Compression.NONE), Optional.empty());
    }

    static Backup keeping(int count) {
        return new Backup(Optional.empty(), Optional.empty(), Optional.of(count));
    }

    static Restore into(String name) {
        return new Restore(Optional.empty(), Optional.empty(), Optional.of(name), false, Optional.empty());
    }

    /** All names in a database's folder but the lock's. */
    List<String> names(DatabaseId database) throws IOException {
        Path folder = directory.resolve(BackupName.folder(database));
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals(".lock"))
                    .sorted()
                    .toList();
        }
    }

    /** Where a backup lies on this host. */
    Path file(Manifest manifest) {
        return directory.resolve(BackupName.folder(manifest.database())).resolve(manifest.name());
    }

    /** Reads a backup's stored bytes and compares their hash. */
    void requireWhole(Manifest manifest) throws IOException {
        new Verification(catalogue().folder(manifest.database()).blob(manifest.name()), manifest.file(), Keys.none())
                .checkStored(new Pump(new FreeAttempt(), Pace.FAST, Optional.empty()));
    }

    /** Puts a backup's content into a file. */
    Path unpack(Manifest manifest, Path target) throws IOException {
        try (StoredInput in = StoredInput.open(
                        catalogue().folder(manifest.database()).blob(manifest.name()),
                        manifest.file(),
                        BackupSettings.keys(this));
                OutputStream out = Files.newOutputStream(target)) {
            in.transferTo(out);
        }
        return target;
    }
}
