package dev.upkeep.executor.operation.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file that no row referred to when it was looked at.
 *
 * @param path below the root
 * @param identity what the file system knows it by
 */
record Orphan(
        String path, long bytes, Instant modified, @Nullable Object identity) {
    static Orphan of(String path, BasicFileAttributes attributes) {
        return new Orphan(path, attributes.size(), attributes.lastModifiedTime().toInstant(), attributes.fileKey());
    }

    /** Whether these are the attributes of the same file, unchanged. */
    boolean isStill(BasicFileAttributes now) {
        return now.isRegularFile()
                && Objects.equals(identity, now.fileKey())
                && bytes == now.size()
                && modified.equals(now.lastModifiedTime().toInstant());
    }

    /** Whether neither its content nor its name, owner or place changed after this instant, and it has no second name. */
    static boolean isSettled(Path file, Instant before) throws IOException {
        Map<String, Object> attributes =
                Files.readAttributes(file, "unix:ctime,nlink,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
        FileTime changed = (FileTime) Objects.requireNonNull(attributes.get("ctime"));
        FileTime modified = (FileTime) Objects.requireNonNull(attributes.get("lastModifiedTime"));
        return changed.toInstant().isBefore(before) && modified.toInstant().isBefore(before);
    }

    /** Whether the file has a second name, by which others may still use it. */
    static boolean hasOtherNames(Path file) throws IOException {
        return !Integer.valueOf(1).equals(Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS));
    }
}
