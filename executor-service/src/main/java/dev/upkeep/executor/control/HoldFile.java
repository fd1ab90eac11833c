package dev.upkeep.executor.control;

import dev.upkeep.common.Check;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.operation.Holds;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The holds as the bus last told them, in a file of the executor's data folder: so they count while the broker is away, and for a
 * task that is run from the shell. Read at each question. A file that cannot be read holds everything. Thread-safe.
 */
public final class HoldFile implements Holds {
    private static final String NAME = "holds.json";

    private final Path file;
    private final ExecutorId executor;
    private final Clock clock;

    public HoldFile(Path data, ExecutorId executor, Clock clock) {
        this.file = data.resolve(NAME);
        this.executor = executor;
        this.clock = clock;
    }

    private record Known(List<Control> holds) {
        Known {
            holds = Check.list("holds", holds);
        }
    }

    /** Remembers these instead of those that were known; all of it is on disk when this returns. */
    void replace(Collection<Control> controls) throws IOException {
        Instant now = clock.instant();
        Known known = new Known(controls.stream()
                .filter(control ->
                        control.kind() == Control.Kind.HOLD && control.until().isAfter(now))
                .toList());
        Path partial = file.resolveSibling(NAME + ".partial");
        Files.write(partial, Wire.write(known));
        try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public Optional<String> on(Database database) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            Instant now = clock.instant();
            RegisteredDatabase registered = new RegisteredDatabase(
                    database.id(),
                    database.engine(),
                    Optional.empty(),
                    database.labels(),
                    Optional.empty(),
                    List.of(),
                    List.of());
            return Wire.read(Files.readAllBytes(file), Known.class).holds().stream()
                    .filter(hold -> hold.isActive(now)
                            && hold.select()
                                    .map(select -> select.matches(executor, registered))
                                    .orElse(true))
                    .findFirst()
                    .map(hold -> "hold until " + hold.until() + " by " + hold.owner() + " (" + hold.id() + "): "
                            + hold.reason());
        } catch (IOException | Unreadable e) {
            return Optional.of("the holds in " + file + " cannot be read, so that any may be in force: "
                    + e.getMessage() + "; remove the file, and it is read anew from the topic of controls");
        }
    }
}
