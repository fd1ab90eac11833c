package dev.upkeep.executor.operation.files;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.BooleanSupplier;

/**
 * Walks a folder by handles on its folders, so that one that is swapped for a link on the way is not followed. Only ordinary
 * files on the root's own disk are told; everything else is counted as passed over. Used by one thread.
 */
final class FileWalk {
    private static final int DEEPEST = 64;
    /** Stands for bytes of a name that are no text in this locale; such a name cannot be compared with a row. */
    private static final char UNREADABLE = '\uFFFD';

    private final Path root;
    private final Object disk;
    private final BooleanSupplier stop;
    private long passedOver;

    /** Takes a file: its path below the root, and its attributes. */
    interface Visitor {
        void file(String path, BasicFileAttributes attributes) throws IOException;
    }

    FileWalk(Path root, BooleanSupplier stop) throws IOException {
        this.root = root;
        this.disk = Files.getAttribute(root, "unix:dev");
        this.stop = stop;
    }

    /** Opens a folder by handle. */
    @SuppressWarnings("StreamResourceLeak") // the caller closes it
    static SecureDirectoryStream<Path> open(Path folder) throws IOException {
        DirectoryStream<Path> stream = Files.newDirectoryStream(folder);
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        throw new Failure(
                Code.UNSUPPORTED,
                "the file system of " + folder + " offers no handles on folders, without which links are not safe");
    }

    /** Walks all; ends early when it is to stop. */
    void walk(Visitor visitor) throws IOException {
        try (SecureDirectoryStream<Path> top = open(root)) {
            walk(top, "", 0, visitor);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /** How many links, devices, folders of other disks and unreadable names were passed over. */
    long passedOver() {
        return passedOver;
    }

    private void walk(SecureDirectoryStream<Path> folder, String prefix, int depth, Visitor visitor)
            throws IOException {
        for (Path entry : folder) {
            if (stop.getAsBoolean()) {
                return;
            }
            Path name = entry.getFileName();
            String path = prefix + name;
            if (prefix.isEmpty() && name.toString().equals(Quarantine.FOLDER)) {
                continue;
            }
            BasicFileAttributes attributes;
            try {
                attributes = folder.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                        .readAttributes();
            } catch (NoSuchFileException e) {
                continue;
            }
            if (path.indexOf(UNREADABLE) >= 0) {
                passedOver++;
            } else if (attributes.isRegularFile()) {
                visitor.file(path, attributes);
            } else if (attributes.isDirectory() && depth < DEEPEST) {
                descend(folder, name, path, depth, visitor);
            } else {
                passedOver++;
            }
        }
    }

    /** A folder that is gone by now, was swapped for a link, or is another disk's is passed over. */
    private void descend(SecureDirectoryStream<Path> folder, Path name, String path, int depth, Visitor visitor)
            throws IOException {
        try (SecureDirectoryStream<Path> below = folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            if (Files.getAttribute(root.resolve(path), "unix:dev", LinkOption.NOFOLLOW_LINKS)
                    .equals(disk)) {
                walk(below, path + "/", depth + 1, visitor);
            } else {
                passedOver++;
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            passedOver++;
        } catch (FileSystemException e) {
            if (!Files.isSymbolicLink(root.resolve(path))) {
                throw e;
            }
            passedOver++;
        }
    }
}
