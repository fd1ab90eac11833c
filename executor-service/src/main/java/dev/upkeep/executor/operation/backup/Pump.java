package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.backup.BackupSettings.Pace;
import io.quarkus.runtime.configuration.MemorySize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Moves bytes in pieces for one attempt: between them it pauses as the pace and the load governor ask, tells how far it is, and
 * ends with a failure when there is a reason to stop. Used by the operation's thread only.
 */
final class Pump {
    private static final int PIECE = 4 * 1024 * 1024;
    private static final int BUFFER = 128 * 1024;

    private final Attempt attempt;
    private final Pace pace;
    private final Optional<Long> mostPerSecond;

    Pump(Attempt attempt, BackupSettings settings) {
        this(attempt, settings.pace(), settings.rateLimit().map(MemorySize::asLongValue));
    }

    /** @param mostPerSecond bytes of content; as fast as the pace lets it if absent */
    Pump(Attempt attempt, Pace pace, Optional<Long> mostPerSecond) {
        this.attempt = attempt;
        this.pace = pace;
        this.mostPerSecond = mostPerSecond;
    }

    /** Where bytes go. */
    @FunctionalInterface
    interface Target {
        void accept(byte[] bytes, int offset, int count) throws IOException;
    }

    /** One part of an attempt: what it is, the bytes that are expected, and the span of the whole's percentages. */
    record Part(String what, long expectedBytes, double fromPercent, double toPercent) {}

    /** Moves all there is; returns the number of bytes. */
    long move(InputStream from, Target to, Part part) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long begin = System.nanoTime();
        long pieceBegin = begin;
        long moved = 0;
        long inPiece = 0;
        for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
            to.accept(buffer, 0, read);
            moved += read;
            inPiece += read;
            if (inPiece >= PIECE) {
                yieldAfter(inPiece, Duration.ofNanos(System.nanoTime() - pieceBegin));
                tell(part, moved, Duration.ofNanos(System.nanoTime() - begin));
                pieceBegin = System.nanoTime();
                inPiece = 0;
            }
        }
        goOn();
        return moved;
    }

    /** Leaves the disks and processors to the application after so many bytes, which took so long. */
    void yieldAfter(long bytes, Duration batch) {
        goOn();
        attempt.yieldToApplication(batch, pause(bytes, batch));
        goOn();
    }

    private Duration pause(long bytes, Duration batch) {
        Duration byPace = pace == Pace.GENTLE ? batch : Duration.ZERO;
        Duration byRate = mostPerSecond
                .map(most -> Duration.ofNanos((long) (bytes * 1e9 / most)).minus(batch))
                .orElse(Duration.ZERO);
        return byPace.compareTo(byRate) > 0 ? byPace : byRate;
    }

    private void tell(Part part, long moved, Duration spent) {
        double share = part.expectedBytes() <= 0 ? 0.5 : Math.min(0.99, (double) moved / part.expectedBytes());
        Optional<Duration> left = share < 0.01
                ? Optional.empty()
                : Optional.of(Duration.ofMillis((long) (spent.toMillis() * (1 - share) / share)));
        attempt.progress(
                part.fromPercent() + share * (part.toPercent() - part.fromPercent()),
                left,
                part.what() + ": " + moved / 1_000_000 + " MB");
    }

    /** Ends the attempt if there is a reason to. */
    void goOn() {
        attempt.stop().ifPresent(stop -> {
            throw stopped(stop, null);
        });
    }

    /** Throws what a failure really was, if work was broken off or the disk of this folder is full. */
    static void explain(Exception failure, Attempt attempt, Path folder) {
        attempt.stop().ifPresent(stop -> {
            throw stopped(stop, failure);
        });
        DiskSpace.full(failure, folder).ifPresent(full -> {
            throw full;
        });
    }

    /** Why a backup that was broken off ended so. */
    static Failure stopped(Stop stop, @org.jspecify.annotations.Nullable Throwable cause) {
        return switch (stop) {
            case DEADLINE ->
                new Failure(
                        Code.WINDOW_CLOSED,
                        "out of time; what was written is removed and the next attempt begins anew: give the window more time, or"
                                + " the backup a faster pace",
                        cause);
            case CANCELLED -> new Failure(Code.CANCELLED, "cancelled; what was written is removed", cause);
            case SHUTDOWN ->
                new Failure(
                        Code.INTERRUPTED,
                        "the executor stops; what was written is removed and begun anew later",
                        cause);
        };
    }
}
