package dev.upkeep.executor.operation.postgres;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;

/** Whether something fits on the disk of the server's data, as far as this host sees that disk. */
public final class FreeSpace {
    private static final double ROOM = 1.2;

    private FreeSpace() {}

    /** Usable bytes on the disk of the server's data; empty if the folder is not on this host or not told to us. */
    public static Optional<Long> bytes(PostgresSession session) throws SQLException {
        Optional<String> folder =
                session.first("SELECT setting FROM pg_settings WHERE name = 'data_directory'", row -> row.getString(1));
        if (folder.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.getFileStore(Path.of(folder.get())).getUsableSpace());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Why so many bytes, with some room, do not fit; empty if they do or the disk cannot be seen. */
    public static Optional<Reason> problem(PostgresSession session, long bytes, String what) throws SQLException {
        long needed = Math.round(bytes * ROOM);
        return bytes(session)
                .filter(free -> free < needed)
                .map(free -> new Reason(
                        Code.DISK_FULL,
                        what + " needs about " + needed + " bytes on the disk of the server's data, and only " + free
                                + " are free; make room first"));
    }
}
