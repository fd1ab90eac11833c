package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.backup.BackupSettings.Pace;
import io.quarkus.runtime.configuration.MemorySize;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Moves bytes for one attempt: after each small slice it pauses as the pace and the rate ask, after each larger piece as the load
 * governor asks; it tells how far it is, and ends with a failure when there is a reason to stop. Used by one thread at a time.
 */
final class Pump {
    private static final int PIECE = 4 * 1024 * 1024;
    private static final Duration LONGEST_PIECE = Duration.ofMillis(500);
    private static final Duration SHORT = Duration.ofMillis(20);

    private final Attempt attempt;
    private final Pacing pacing;

    Pump(Attempt attempt, BackupSettings settings) {
        this(attempt, settings.pace(), settings.rateLimit().map(MemorySize::asLongValue));
    }

    /** @param mostPerSecond bytes of content; as fast as the pace lets it if absent */
    Pump(Attempt attempt, Pace pace, Optional<Long> mostPerSecond) {
        this.attempt = attempt;
        this.pacing = new Pacing(pace, mostPerSecond, System::nanoTime);
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
        byte[] buffer = new byte[pacing.slice()];
        Paced paced = new Paced(from, part);
        for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
            to.accept(buffer, 0, read);
            paced.account(read);
        }
        goOn();
        return paced.moved;
    }

    /** The same bytes, at the pace; whoever reads them does the work that is paced. */
    InputStream paced(InputStream from, Part part) {
        return new Paced(from, part);
    }

    private final class Paced extends FilterInputStream {
        private final Part part;
        private final long begin = System.nanoTime();
        private long pieceBegin = begin;
        private long moved;
        private long inPiece;
        private int unaccounted;

        Paced(InputStream from, Part part) {
            super(from);
            this.part = part;
            pacing.resume();
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int count) throws IOException {
            if (unaccounted >= pacing.slice()) {
                account(unaccounted);
                unaccounted = 0;
            }
            int read = in.read(bytes, offset, Math.min(count, pacing.slice()));
            unaccounted += Math.max(0, read);
            return read;
        }

        void account(int read) {
            moved += read;
            inPiece += read;
            pause(read);
            long now = System.nanoTime();
            if (inPiece >= PIECE || now - pieceBegin > LONGEST_PIECE.toNanos()) {
                giveWay();
                tell(part, moved, Duration.ofNanos(now - begin));
                pieceBegin = now;
                inPiece = 0;
            }
        }
    }

    /** Whether others go first. */
    boolean isGentle() {
        return pacing.isGentle();
    }

    /** Leaves the disks and processors to the application after so many bytes of work that began with the last such pause. */
    void yieldAfter(long bytes) {
        goOn();
        pause(bytes);
        giveWay();
    }

    private void giveWay() {
        goOn();
        attempt.yieldToApplication(Duration.ZERO, Duration.ZERO);
        goOn();
        pacing.resume();
    }

    private void pause(long bytes) {
        Duration pause = pacing.after(bytes);
        if (pause.isZero()) {
            return;
        }
        if (pause.compareTo(SHORT) < 0) {
            LockSupport.parkNanos(pause.toNanos());
        } else {
            attempt.yieldToApplication(Duration.ZERO, pause);
            goOn();
        }
        pacing.paused();
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
