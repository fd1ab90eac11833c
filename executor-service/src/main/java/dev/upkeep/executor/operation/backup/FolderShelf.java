package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.operation.store.Upload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Backups in a folder of this host. What is begun ends in {@code .partial}; links are never followed. */
final class FolderShelf implements Shelf {
    private static final long FLUSH_EVERY = 4L * 1024 * 1024;

    private final Path folder;

    FolderShelf(Path folder) {
        this.folder = folder;
    }

    @Override
    public String place() {
        return folder.toString();
    }

    @Override
    public Map<String, Long> names() throws IOException {
        Map<String, Long> names = new TreeMap<>();
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return names;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                bytesOf(file).ifPresent(bytes -> names.put(file.getFileName().toString(), bytes));
            }
        }
        return names;
    }

    private static Optional<Long> bytesOf(Path file) throws IOException {
        try {
            BasicFileAttributes found =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return Optional.of(found.isRegularFile() ? found.size() : -1);
        } catch (NoSuchFileException removedMeanwhile) {
            return Optional.empty();
        }
    }

    private Path partial(String name) {
        return folder.resolve(name + BackupName.PARTIAL);
    }

    @Override
    public Upload begin(String name, long expectedBytes) throws IOException {
        return new FileUpload(BackupFolder.create(partial(name)));
    }

    @Override
    public Blob unpublished(String name) {
        return Blob.of(partial(name));
    }

    @Override
    public void publish(String name) throws IOException {
        Files.move(partial(name), folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        BackupFolder.sync(folder);
    }

    @Override
    public Blob blob(String name) {
        return Blob.of(folder.resolve(name));
    }

    @Override
    public Optional<byte[]> read(String name) throws IOException {
        try {
            return Optional.of(Files.readAllBytes(folder.resolve(name)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        Path partial = partial(name);
        Files.deleteIfExists(partial);
        try (FileUpload file = new FileUpload(BackupFolder.create(partial))) {
            file.write(content, 0, content.length);
            file.complete();
        }
        Files.move(partial, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        BackupFolder.sync(folder);
    }

    @Override
    public void remove(String name) throws IOException {
        BackupFolder.deleteTree(folder.resolve(name));
        BackupFolder.sync(folder);
    }

    @Override
    public void removeUnfinished() {
        // partial files are among the folder's leftovers
    }

    /** A new file, brought to disk steadily rather than in one flood at its end. */
    private static final class FileUpload extends Upload {
        private final FileChannel channel;
        private long unflushed;

        FileUpload(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, count);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            unflushed += count;
            if (unflushed >= FLUSH_EVERY) {
                channel.force(false);
                unflushed = 0;
            }
        }

        @Override
        public void complete() throws IOException {
            channel.force(true);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
