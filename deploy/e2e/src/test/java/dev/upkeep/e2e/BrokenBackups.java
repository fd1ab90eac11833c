package dev.upkeep.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder of backups that cannot be written, even by root: a file stands in its place until this is closed. */
record BrokenBackups(Path folder, Path aside) implements AutoCloseable {
    static BrokenBackups of(Path folder) throws IOException {
        Path aside = folder.resolveSibling(folder.getFileName() + ".aside");
        if (Files.exists(folder)) {
            Files.move(folder, aside);
        }
        Files.writeString(folder, "not a folder");
        return new BrokenBackups(folder, aside);
    }

    @Override
    public void close() throws IOException {
        Files.delete(folder);
        if (Files.exists(aside)) {
            Files.move(aside, folder);
        }
    }
}
