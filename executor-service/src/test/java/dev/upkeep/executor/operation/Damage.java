package dev.upkeep.executor.operation;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/** What a disk or a stranger may do to a file. */
public final class Damage {
    private Damage() {}

    /** Flips a bit in the middle of the file; done again, it is whole. */
    public static void flip(Path file) throws IOException {
        flip(file, file.toFile().length() / 2);
    }

    /** Flips a bit of the byte there; done again, it is whole. */
    public static void flip(Path file, long position) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(position);
            int old = bytes.read();
            bytes.seek(position);
            bytes.write(old ^ 0x10);
        }
    }
}
