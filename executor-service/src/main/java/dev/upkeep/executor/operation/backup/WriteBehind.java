package dev.upkeep.executor.operation.backup;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Takes bytes on one thread and writes them on another, so that a source is read while what it gave is compressed, hashed and
 * stored. A few pieces are under way at most. What the other thread throws is thrown by the next call here; closing before {@link
 * #finish} gives up what is under way. The target is left open, and may be used again after either.
 */
final class WriteBehind extends OutputStream {
    private static final int PIECE = 256 * 1024;
    private static final int PIECES = 4;

    private final OutputStream to;
    private final BlockingQueue<Piece> empty = new ArrayBlockingQueue<>(PIECES);
    private final BlockingQueue<Piece> filled = new ArrayBlockingQueue<>(PIECES + 1);
    private final Thread writer;
    private volatile @Nullable Throwable failure;
    private volatile boolean isGivenUp;
    private boolean isOver;
    private Piece current;

    private static final class Piece {
        private final byte[] bytes;
        private int count;

        Piece(int size) {
            bytes = new byte[size];
        }
    }

    private static final Piece END = new Piece(0);

    private WriteBehind(OutputStream to) {
        this.to = to;
        this.current = new Piece(PIECE);
        for (int i = 1; i < PIECES; i++) {
            empty.add(new Piece(PIECE));
        }
        // it has the priority of the thread that makes it
        this.writer = new Thread(this::work, "writer of a backup");
        writer.setDaemon(true);
    }

    static WriteBehind start(OutputStream to) {
        WriteBehind started = new WriteBehind(to);
        started.writer.start();
        return started;
    }

    private void work() {
        try {
            for (Piece piece = filled.take(); piece != END; piece = filled.take()) {
                write(piece);
                piece.count = 0;
                empty.put(piece);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = e;
        }
    }

    @SuppressWarnings("IllegalCatch") // whatever it is, the other thread throws it
    private void write(Piece piece) {
        if (failure != null || isGivenUp) {
            return;
        }
        try {
            to.write(piece.bytes, 0, piece.count);
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        int from = offset;
        int left = count;
        while (left > 0) {
            int taken = Math.min(left, PIECE - current.count);
            System.arraycopy(bytes, from, current.bytes, current.count, taken);
            current.count += taken;
            from += taken;
            left -= taken;
            if (current.count == PIECE) {
                handOver();
            }
        }
    }

    private void handOver() throws IOException {
        rethrow();
        try {
            filled.put(current);
            current = empty.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void rethrow() throws IOException {
        Threads.rethrow(failure);
    }

    /** Waits until all is written. */
    void finish() throws IOException {
        if (current.count > 0) {
            handOver();
        }
        end();
        rethrow();
    }

    private void end() {
        if (!isOver) {
            isOver = true;
            filled.add(END);
            Threads.joinUninterrupted(writer);
        }
    }

    @Override
    public void close() {
        isGivenUp = true;
        end();
    }
}
