package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Which batches of an archive are back, in {@code restored.json} beside it: tables without a key cannot say by themselves that a row
 * is there already. For one thread.
 */
final class Restored {
    private static final String FILE = "restored.json";

    private final Path folder;
    private final Set<String> keyless;
    private final int batches;
    private final State before;

    /** Of the first {@code batches}, in the order in which they were written, the last {@code back} are back. */
    private record State(int batches, int back) {}

    /** @param batches how many there are in the archive */
    Restored(Path folder, Set<String> keyless, int batches) throws IOException {
        this.folder = folder;
        this.keyless = keyless;
        this.batches = batches;
        this.before = read(folder.resolve(FILE));
    }

    private static State read(Path file) throws IOException {
        try {
            return Files.exists(file) ? Wire.read(Files.readAllBytes(file), State.class) : new State(0, 0);
        } catch (Unreadable e) {
            throw new Failure(
                    Code.CORRUPT,
                    file + " cannot be read, so it is not known which rows of tables without a key are back; look, and"
                            + " remove it if none is: " + e.getMessage(),
                    e);
        }
    }

    Path folder() {
        return folder;
    }

    /** The rows of a batch, counted from the last, less those that are back. */
    List<ArchiveReader.Line> without(List<ArchiveReader.Line> lines, int batch) {
        int written = batches - 1 - batch;
        boolean isBack = written < before.batches() && written >= before.batches() - before.back();
        return isBack
                ? lines.stream().filter(line -> !keyless.contains(line.table())).toList()
                : lines;
    }

    /** A batch, counted from the last, is back. */
    void note(int batch) throws IOException {
        boolean isKnown = before.batches() == batches && batch < before.back();
        if (!keyless.isEmpty() && !isKnown) {
            Folders.replace(folder.resolve(FILE), Wire.write(new State(batches, batch + 1)));
        }
    }
}
