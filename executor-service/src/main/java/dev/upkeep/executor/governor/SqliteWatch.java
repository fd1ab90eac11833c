package dev.upkeep.executor.governor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The load on one SQLite file, as far as its files tell: a write-ahead log that grows, a disk that fills. */
final class SqliteWatch implements Watch {
    private final Path file;
    private final PressureLimits limits;
    private final Glance glance = new Glance(this::look);

    SqliteWatch(Path file, PressureLimits limits) {
        this.file = file;
        this.limits = limits;
    }

    @Override
    public Optional<String> pressure() {
        return glance.seen();
    }

    private Optional<String> look() {
        try {
            Path wal = Path.of(file + "-wal");
            long walBytes = Files.exists(wal) ? Files.size(wal) : 0;
            if (walBytes > limits.walSize()) {
                return Optional.of("the write-ahead log has " + walBytes + " bytes, more than " + limits.walSize());
            }
            long free = Files.getFileStore(file).getUsableSpace();
            return free < limits.diskFloor()
                    ? Optional.of("only " + free + " bytes are free on the disk of " + file + ", less than "
                            + limits.diskFloor())
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // the operation itself will find the file missing
        }
    }

    @Override
    public void close() {
        // holds nothing
    }
}
