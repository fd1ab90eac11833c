package dev.upkeep.executor.operation.backup;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Unpacks a stored backup into a new file, on disk when it returns, and refuses one whose checksum is wrong. */
final class Unpacking {
    private Unpacking() {}

    static void into(Path target, Drilling.Task task) throws IOException {
        BackupFolder.deleteTree(target);
        try (StoredInput in = task.open();
                FileChannel channel = BackupFolder.create(target);
                OutputStream out = Channels.newOutputStream(channel)) {
            task.pump()
                    .move(
                            in,
                            out::write,
                            new Pump.Part("restore", task.manifest().file().contentBytes(), 0, 60));
            channel.force(true);
            task.verification().checkHash(in);
        }
    }
}
