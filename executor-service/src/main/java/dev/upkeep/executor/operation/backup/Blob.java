package dev.upkeep.executor.operation.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The stored bytes of one backup, wherever they are; what is not there is a {@link java.nio.file.NoSuchFileException}. */
interface Blob {
    /** What it is, for people. */
    String place();

    long bytes() throws IOException;

    /** From the beginning. */
    InputStream open() throws IOException;

    /** A file on this host. */
    static Blob of(Path file) {
        return new Blob() {
            @Override
            public String place() {
                return file.toString();
            }

            @Override
            public long bytes() throws IOException {
                return Files.size(file);
            }

            @Override
            public InputStream open() throws IOException {
                return Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
            }
        };
    }
}
