package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.Sha256;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
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
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Archives away from this host. Rows are always archived on this host's disk before they are deleted; a finished part is then
 * copied to the store, read back and compared with what the receipt states, and only what is there whole is removed here. Receipts stay on the host too.
 *
 * <p>A store that cannot be reached costs a finding and no data: what is not copied stays here, and the next purge of the
 * database copies it. Thread-safe for different databases.
 */
@ApplicationScoped
class ArchiveStore {
    /** What is sent between two looks at the clock. */
    private static final int PIECE = 256 << 10;

    private static final String FOLDER = "archives/";
    private static final String BATCHES = "batches.jsonl";
    private static final String RECEIPT = "receipt.json";
    private static final Set<Code> AWAY = EnumSet.of(Code.STORE_UNAVAILABLE, Code.AUTHENTICATION_FAILED);
    private static final List<String> LISTS = List.of(BATCHES, RECEIPT);

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
        List<Finding> findings = new ArrayList<>(done.findings());
        for (Path folder : archivesIn(Receipt.folder(directory, database))) {
            try {
                copy(remote.get(), folder, attempt);
            } catch (Failure e) {
                findings.add(notCopied(database, e.reason().message()));
                if (AWAY.contains(e.reason().code())) {
                    break;
                }
            } catch (IOException e) {
                findings.add(notCopied(database, folder + ": " + e));
            }
        }
        return new Done(done.outcome(), done.report(), done.reason(), findings, done.measurements());
    }

    private static Finding notCopied(DatabaseId database, String why) {
        return new Finding(
                "archive-not-copied",
                Severity.WARNING,
                database.text(),
                why,
                "copied",
                "built-in",
                "the archive is on this host's disk; the next purge tries again to copy it: look at what the value says");
    }

    private static List<Path> archivesIn(Path databaseFolder) throws IOException {
        if (!Files.isDirectory(databaseFolder)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(databaseFolder)) {
            return folders.filter(Files::isDirectory).sorted().toList();
        }
    }

    /**
     * A part that is still being written, by a purge that died, stays here until that purge is done again. What the store has already
     * is never sent a second time: the file here may be what a restore that died had fetched in part.
     */
    private static void copy(ObjectStore remote, Path folder, Attempt attempt) throws IOException {
        List<Receipt.Part> parts = ArchivedParts.here(folder);
        if (parts.isEmpty() || !Files.exists(folder.resolve(RECEIPT))) {
            return;
        }
        List<Receipt.Part> copied = new ArrayList<>(ArchivedParts.copied(folder));
        String key = key(folder);
        remote.removeUnfinished(key);
        List<Receipt.Part> stated = stated(Files.readAllBytes(folder.resolve(RECEIPT)), folder);
        for (Receipt.Part part : parts) {
            if (find(copied, part.file()).isPresent()) {
                continue;
            }
            goOn(folder, attempt);
            Optional<Receipt.Part> before = find(stated, part.file());
            if (before.isPresent() && !before.get().sha256().equals(part.sha256())) {
                throw new Failure(
                        Code.CORRUPT,
                        folder.resolve(part.file()) + " is damaged: its SHA-256 is " + part.sha256() + " instead of "
                                + before.get().sha256() + "; bring back the file from a copy");
            }
            send(remote, key, folder.resolve(part.file()), part.sha256(), attempt);
            copied.add(part);
        }
        for (String list : LISTS) {
            Path file = folder.resolve(list);
            send(remote, key, file, Folders.sha256(file), attempt);
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

    private static void goOn(Path place, Attempt attempt) {
        if (attempt.stop().isPresent()) {
            throw new Failure(Code.STORE_UNAVAILABLE, place + " is not copied yet: the purge had to stop");
        }
    }

    private static void send(ObjectStore remote, String key, Path file, String sha256, Attempt attempt)
            throws IOException {
        try (InputStream in = Files.newInputStream(file);
                Upload upload = remote.begin(key + file.getFileName(), Files.size(file))) {
            byte[] piece = new byte[PIECE];
            for (int read = in.readNBytes(piece, 0, PIECE); read > 0; read = in.readNBytes(piece, 0, PIECE)) {
                goOn(file, attempt);
                upload.write(piece, 0, read);
            }
            upload.complete();
        }
        String found = read(remote, key + file.getFileName(), new OutputStream() {
            @Override
            public void write(int octet) {
                goOn(file, attempt);
            }

            @Override
            public void write(byte[] bytes, int from, int count) {
                goOn(file, attempt);
            }
        });
        if (!found.equals(sha256)) {
            throw new Failure(
                    Code.VERIFICATION_FAILED,
                    remote.place() + key + file.getFileName() + " has the SHA-256 " + found + " instead of " + sha256);
        }
    }

    private static String read(ObjectStore remote, String key, OutputStream to) throws IOException {
        MessageDigest digest = Sha256.begin();
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
        if (!Files.exists(folder.resolve(RECEIPT))) {
            Optional<byte[]> receipt = remote.get().get(key + RECEIPT);
            if (receipt.isEmpty()) {
                return;
            }
            byte[] batches = remote.get()
                    .get(key + BATCHES)
                    .orElseThrow(() -> new Failure(
                            Code.CORRUPT,
                            remote.get().place() + key + BATCHES + " is missing; bring back the object from a copy"));
            Folders.make(folder);
            Folders.replace(folder.resolve(BATCHES), batches);
            ArchivedParts.write(folder, stated(receipt.get(), folder));
            // the last one: with it the archive counts as being here
            Folders.replace(folder.resolve(RECEIPT), receipt.get());
        }
        for (Receipt.Part part : ArchivedParts.copied(folder)) {
            bring(remote.get(), key, folder.resolve(part.file()), part.sha256());
        }
    }

    private static List<Receipt.Part> stated(byte[] receipt, Path folder) {
        try {
            return Wire.read(receipt, Receipt.class).parts();
        } catch (Unreadable e) {
            throw new Failure(Code.CORRUPT, "the receipt of " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Optional<Receipt.Part> find(List<Receipt.Part> parts, String file) {
        return parts.stream().filter(part -> part.file().equals(file)).findFirst();
    }

    private static void bring(ObjectStore remote, String key, Path file, String sha256) throws IOException {
        if (Files.exists(file) && Folders.sha256(file).equals(sha256)) {
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
        Folders.publish(partial, file);
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
