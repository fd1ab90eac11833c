package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.CrashPoint;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.store.ObjectStore;
import dev.upkeep.executor.operation.store.ObjectStores;
import dev.upkeep.executor.operation.store.Upload;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Archives away from this host. Rows are always archived on this host's disk before they are deleted; a finished part is then
 * copied to the store, read back and compared, and only what is there whole is removed here. Receipts stay on the host too.
 *
 * <p>A store that cannot be reached costs a finding and no data: what is not copied stays here, and the next purge of the
 * database copies it. Thread-safe for different databases.
 */
@ApplicationScoped
class ArchiveStore {
    private static final String FOLDER = "archives/";
    private static final List<String> LISTS = List.of("batches.jsonl", "receipt.json");

    private final Supplier<Optional<ObjectStore>> store;

    @Inject
    ArchiveStore(PurgeConfig config, ObjectStores stores) {
        this(() -> config.archiveStore() == PurgeConfig.ArchivePlace.S3 ? Optional.of(stores.s3()) : Optional.empty());
        if (config.archiveStore() == PurgeConfig.ArchivePlace.S3) {
            stores.check();
        }
    }

    ArchiveStore(Supplier<Optional<ObjectStore>> store) {
        this.store = store;
    }

    /** Archives stay on this host. */
    static ArchiveStore none() {
        return new ArchiveStore(Optional::empty);
    }

    /** Copies all of the database's archives that are not copied, and says in what was done if that failed. */
    Done after(Done done, Path directory, DatabaseId database, Attempt attempt) throws IOException {
        Optional<ObjectStore> remote = store.get();
        if (remote.isEmpty()) {
            return done;
        }
        try {
            for (Path folder : archivesIn(Receipt.folder(directory, database))) {
                copy(remote.get(), folder, attempt);
            }
            return done;
        } catch (Failure e) {
            List<Finding> findings = new ArrayList<>(done.findings());
            findings.add(new Finding(
                    "archive-not-copied",
                    Severity.WARNING,
                    database.text(),
                    e.reason().message(),
                    "copied",
                    "built-in",
                    "the archive is on this host's disk; the next purge copies it: look at the store"));
            return new Done(done.outcome(), done.report(), done.reason(), findings, done.measurements());
        }
    }

    private static List<Path> archivesIn(Path databaseFolder) throws IOException {
        if (!Files.isDirectory(databaseFolder)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(databaseFolder)) {
            return folders.filter(Files::isDirectory).sorted().toList();
        }
    }

    /** A part that is still being written, by a purge that died, stays here until that purge is done again. */
    private static void copy(ObjectStore remote, Path folder, Attempt attempt) throws IOException {
        List<Receipt.Part> parts = ArchivedParts.here(folder);
        if (parts.isEmpty() || !Files.exists(folder.resolve("receipt.json"))) {
            return;
        }
        List<Receipt.Part> copied = new ArrayList<>(ArchivedParts.copied(folder));
        String key = key(folder);
        remote.removeUnfinished(key);
        for (Receipt.Part part : parts) {
            if (attempt.stop().isPresent()) {
                return;
            }
            send(remote, key, folder.resolve(part.file()), part.sha256());
            copied.removeIf(old -> old.file().equals(part.file()));
            copied.add(part);
        }
        for (String list : LISTS) {
            Path file = folder.resolve(list);
            send(remote, key, file, Folders.sha256(file));
        }
        CrashPoint.hit("archive-copied");
        ArchivedParts.write(folder, copied);
        for (Receipt.Part part : parts) {
            Files.delete(folder.resolve(part.file()));
        }
    }

    private static String key(Path folder) {
        return FOLDER
                + Objects.requireNonNull(folder.toAbsolutePath().getParent()).getFileName() + "/" + folder.getFileName()
                + "/";
    }

    private static void send(ObjectStore remote, String key, Path file, String sha256) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                Upload upload = remote.begin(key + file.getFileName(), Files.size(file))) {
            in.transferTo(upload);
            upload.complete();
        }
        String found = read(remote, key + file.getFileName(), OutputStream.nullOutputStream());
        if (!found.equals(sha256)) {
            throw new Failure(
                    Code.VERIFICATION_FAILED,
                    remote.place() + key + file.getFileName() + " has the SHA-256 " + found + " instead of " + sha256);
        }
    }

    private static String read(ObjectStore remote, String key, OutputStream to) throws IOException {
        MessageDigest digest = Folders.sha256();
        try (InputStream in = new DigestInputStream(remote.open(key), digest)) {
            in.transferTo(to);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * Brings the parts of an archive back to this host, and its receipt and list if they are lost here; does nothing for an
     * archive that is whole here or that the store does not have.
     */
    void fetch(Path folder) throws IOException {
        Optional<ObjectStore> remote = store.get();
        if (remote.isEmpty()) {
            return;
        }
        String key = key(folder);
        if (!Files.exists(folder.resolve("receipt.json"))) {
            if (remote.get().get(key + "receipt.json").isEmpty()) {
                return;
            }
            Folders.make(folder);
            for (String list : LISTS) {
                Folders.replace(
                        folder.resolve(list), remote.get().get(key + list).orElse(new byte[0]));
            }
            ArchivedParts.write(folder, partsOf(folder));
        }
        for (Receipt.Part part : ArchivedParts.copied(folder)) {
            bring(remote.get(), key, folder.resolve(part.file()), part.sha256());
        }
    }

    private static List<Receipt.Part> partsOf(Path folder) throws IOException {
        try {
            return Receipt.read(folder).map(Receipt::parts).orElse(List.of());
        } catch (Unreadable e) {
            throw new Failure(Code.CORRUPT, "the receipt in " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static void bring(ObjectStore remote, String key, Path file, String sha256) throws IOException {
        if (Files.exists(file)) {
            return;
        }
        Path partial = file.resolveSibling(file.getFileName() + ".fetched");
        String found;
        try (OutputStream out = Files.newOutputStream(partial)) {
            Folders.keepPrivate(partial);
            found = read(remote, key + file.getFileName(), out);
        }
        if (!found.equals(sha256)) {
            Files.delete(partial);
            throw new Failure(
                    Code.CORRUPT,
                    remote.place() + key + file.getFileName() + " is damaged: its SHA-256 is " + found + " instead of "
                            + sha256 + "; bring back the object from a copy");
        }
        Files.move(partial, file);
    }

    /** Removes here what the store has. */
    void release(Path folder) throws IOException {
        if (store.get().isPresent()) {
            for (Receipt.Part part : ArchivedParts.copied(folder)) {
                Files.deleteIfExists(folder.resolve(part.file()));
                Files.deleteIfExists(folder.resolve(part.file() + ".fetched"));
            }
        }
    }
}
