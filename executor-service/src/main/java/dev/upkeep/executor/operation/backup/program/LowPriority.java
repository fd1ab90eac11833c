package dev.upkeep.executor.operation.backup.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs work on a thread that gets processors only as far as nobody else wants them, and disks after others. Threads and programs that the work
 * starts inherit that. A thread cannot raise its priority again, hence one of its own, which ends with the work.
 *
 * <p>Where the machine has no {@code renice}, {@code ionice} or {@code /proc}, the work runs at normal priority.
 */
public final class LowPriority {
    private static final Path SELF = Path.of("/proc/thread-self");
    private static final boolean HAS_RENICE = Program.isInstalled("renice");
    private static final boolean HAS_IONICE = Program.isInstalled("ionice");

    private LowPriority() {}

    /** Does the work and waits for its end; throws what it throws. An interrupt is passed on to it. */
    public static <T> T call(Callable<T> work) throws Exception {
        Work<T> run = new Work<>(work);
        Thread thread = new Thread(run, Thread.currentThread().getName() + ", gentle");
        thread.setDaemon(true);
        thread.start();
        boolean wasInterrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                wasInterrupted = true;
                thread.interrupt();
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
        return run.result();
    }

    private static final class Work<T> implements Runnable {
        private final Callable<T> work;
        private @Nullable T result;
        private @Nullable Throwable failure;

        Work(Callable<T> work) {
            this.work = work;
        }

        @Override
        @SuppressWarnings("IllegalCatch") // whatever it is, the thread that waits throws it
        public void run() {
            try {
                lower();
                result = work.call();
            } catch (Exception | Error e) {
                failure = e;
            }
        }

        @SuppressWarnings("NullAway") // the result is what the work gave
        T result() throws Exception {
            if (failure instanceof Exception e) {
                throw e;
            }
            if (failure instanceof Error e) {
                throw e;
            }
            return result;
        }
    }

    /** Lowers the current thread's priority. */
    private static void lower() {
        try {
            String thread = String.valueOf(Files.readSymbolicLink(SELF).getFileName());
            if (HAS_RENICE) {
                run(List.of("renice", "-n", "19", "-p", thread));
            }
            // not the idle class: a journal that waits for idle writes makes the application's commits wait with it
            if (HAS_IONICE) {
                run(List.of("ionice", "-c", "2", "-n", "7", "-p", thread));
            }
        } catch (IOException | UnsupportedOperationException notHere) {
            // it is a courtesy: the work is done all the same
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(2, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
