package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Gives a program what it wants to read while its output is read by another thread; what it leaves is left. */
final class Feed {
    private final CompletableFuture<Void> feeding;

    private Feed(CompletableFuture<Void> feeding) {
        this.feeding = feeding;
    }

    static Feed start(InputStream from, OutputStream to, String name) {
        return new Feed(CompletableFuture.runAsync(() -> feed(from, to), task -> {
            Thread thread = new Thread(task, "feed of " + name);
            thread.setDaemon(true);
            thread.start();
        }));
    }

    private static void feed(InputStream from, OutputStream to) {
        try (to) {
            byte[] buffer = new byte[128 * 1024];
            for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
                try {
                    to.write(buffer, 0, read);
                } catch (IOException programReadEnough) {
                    return;
                }
            }
        } catch (IOException e) {
            if (!isBrokenPipe(e)) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Whether the error is that the program reads no more. */
    static boolean isBrokenPipe(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("Broken pipe") || message.contains("Stream closed");
    }

    /** Waits for the end; throws what reading threw. */
    void join() throws IOException {
        try {
            feeding.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UncheckedIOException io && io.getCause() != null) {
                throw io.getCause();
            }
            if (e.getCause() instanceof Failure failure) {
                throw failure;
            }
            throw e;
        }
    }
}
