package dev.upkeep.executor.operation.backup;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Reads on another thread, a few pieces ahead, so that what is read is decompressed and hashed while what was read before is looked
 * at. Closing it waits for the other thread and leaves the source open; the source may be used again then.
 */
final class ReadAhead extends InputStream {
    private static final int PIECE = 256 * 1024;
    private static final int PIECES = 4;

    private final InputStream from;
    private final BlockingQueue<Piece> empty = new ArrayBlockingQueue<>(PIECES + 1);
    private final BlockingQueue<Piece> filled = new ArrayBlockingQueue<>(PIECES + 2);
    private final Thread reader;
    private Piece current = new Piece();
    private int position;
    private boolean isAtEnd;

    private static final class Piece {
        private final byte[] bytes = new byte[PIECE];
        private int count;
        private boolean isLast;
        private @Nullable Throwable failure;
    }

    private ReadAhead(InputStream from) {
        this.from = from;
        for (int i = 0; i < PIECES; i++) {
            empty.add(new Piece());
        }
        this.reader = new Thread(this::work, "reader of a backup");
        reader.setDaemon(true);
    }

    static ReadAhead start(InputStream from) {
        ReadAhead started = new ReadAhead(from);
        started.reader.start();
        return started;
    }

    @SuppressWarnings("IllegalCatch") // whatever it is, the other thread throws it
    private void work() {
        try {
            boolean goesOn = true;
            while (goesOn) {
                Piece piece = empty.take();
                if (piece.isLast) {
                    return;
                }
                try {
                    piece.count = from.readNBytes(piece.bytes, 0, PIECE);
                    piece.isLast = piece.count < PIECE;
                } catch (IOException | RuntimeException | Error e) {
                    piece.count = 0;
                    piece.isLast = true;
                    piece.failure = e;
                }
                goesOn = !piece.isLast;
                filled.put(piece);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        while (position == current.count) {
            if (isAtEnd) {
                return -1;
            }
            next();
        }
        int taken = Math.min(count, current.count - position);
        System.arraycopy(current.bytes, position, bytes, offset, taken);
        position += taken;
        return taken;
    }

    private void next() throws IOException {
        try {
            Piece read = current;
            read.count = 0;
            current = filled.take();
            position = 0;
            empty.put(read);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        isAtEnd = current.isLast;
        Threads.rethrow(current.failure);
    }

    @Override
    public void close() {
        isAtEnd = true;
        position = current.count;
        Piece end = new Piece();
        end.isLast = true;
        // pieces that are read meanwhile go into the other queue, which has room for all
        empty.clear();
        empty.add(end);
        Threads.joinUninterrupted(reader);
        // for a thread that still waits here while another closes
        filled.offer(end);
    }
}
