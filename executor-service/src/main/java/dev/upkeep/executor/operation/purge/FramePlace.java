package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Where a frame of an archive belongs. An encrypted frame says so in its encrypted content, before the rows, so that it cannot
 * be put into another's place: by a frame of zstd that zstd itself skips.
 */
record FramePlace(String receipt, int part, long offset) {
    private static final int SKIPPABLE = 0x184D2A50;
    private static final int HEAD = 8;

    /** Of a frame in the archive of this folder. */
    static FramePlace in(Path folder, int part, long offset) {
        return new FramePlace(
                Objects.requireNonNull(folder.toAbsolutePath().getFileName()).toString(), part, offset);
    }

    private byte[] bytes() {
        byte[] words =
                ("upkeep archive " + receipt + " part " + part + " byte " + offset).getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(HEAD + words.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(SKIPPABLE)
                .putInt(words.length)
                .put(words)
                .array();
    }

    void write(OutputStream frame) throws IOException {
        frame.write(bytes());
    }

    /** Reads what {@link #write} wrote, and fails if it is of another place. */
    void require(InputStream frame) throws IOException {
        byte[] own = bytes();
        if (!java.util.Arrays.equals(frame.readNBytes(own.length), own)) {
            throw new Failure(
                    Code.CORRUPT,
                    "the frame at byte " + offset + " of part " + part + " of the archive " + receipt
                            + " was not written there: frames or lists were exchanged; bring back the files from a copy");
        }
    }
}
