package dev.upkeep.executor.operation.backup.program;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One run of a program, in a session of its own, so that it is ended together with all that it starts.
 *
 * <p>It does not outlive the executor: where {@code setpriv} exists the kernel ends it with the thread that started it, which
 * must therefore see it through; elsewhere it ends at its next write to the pipe. {@link #stop} may be called from any thread.
 */
public final class Program implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(5);
    /** They end their other sessions and cancel what runs on the server when they are asked to end, but not when they are killed. */
    private static final Set<String> ENDING_THEIR_OWN = Set.of("pg_dump", "pg_restore");

    private static final boolean HAS_SETSID = isInstalled("setsid");
    private static final boolean HAS_SETPRIV = isInstalled("setpriv");
    private static final boolean HAS_NICE = isInstalled("nice");
    private static final boolean HAS_IONICE = isInstalled("ionice");

    private final ProgramOrder order;
    private final Process process;
    private final Complaints complaints;
    private final Thread reader;
    private final AtomicBoolean stopped = new AtomicBoolean();

    private Program(ProgramOrder order, Process process) {
        this.order = order;
        this.process = process;
        this.complaints = new Complaints(process.getErrorStream(), order.secrets());
        this.reader = new Thread(complaints, "stderr of " + order.name());
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts it; a program that cannot be started is a failure with code {@code TOOL_MISSING}. */
    public static Program start(ProgramOrder order) {
        ProcessBuilder builder = new ProcessBuilder(command(order));
        Map<String, String> environment = builder.environment();
        environment.keySet().retainAll(List.of("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"));
        environment.put("LC_ALL", "C");
        environment.putAll(order.environment());
        try {
            return new Program(order, builder.start());
        } catch (IOException e) {
            throw new Failure(Code.TOOL_MISSING, order.program() + " cannot be run: " + e.getMessage(), e);
        }
    }

    private static List<String> command(ProgramOrder order) {
        List<String> words = new ArrayList<>();
        if (HAS_SETSID) {
            words.add("setsid");
        }
        if (HAS_SETPRIV || !order.privileges().isEmpty()) {
            words.add("setpriv");
            words.addAll(order.privileges());
            words.addAll(List.of("--pdeathsig", ENDING_THEIR_OWN.contains(order.name()) ? "TERM" : "KILL", "--"));
        }
        if (order.gentle() && HAS_NICE) {
            words.addAll(List.of("nice", "-n", "19"));
        }
        if (order.gentle() && HAS_IONICE) {
            words.addAll(List.of("ionice", "-c", "2", "-n", "7", "-t"));
        }
        words.add(order.program().toString());
        words.addAll(order.arguments());
        return words;
    }

    /** What it writes. */
    public InputStream output() {
        return process.getInputStream();
    }

    /** What it reads. */
    public OutputStream input() {
        return process.getOutputStream();
    }

    /** Gives it nothing to read. */
    public void closeInput() {
        try {
            input().close();
        } catch (IOException alreadyGone) {
            // it ended before
        }
    }

    /** What it said on its standard error, bounded, without secrets. */
    public String complaints() {
        return complaints.text();
    }

    /** Asks it to end, and ends it by force five seconds later; its output then ends, too. */
    public void stop() {
        if (!stopped.compareAndSet(false, true)) {
            return;
        }
        signal("TERM");
        Thread force = new Thread(this::force, "end of " + order.name());
        force.setDaemon(true);
        force.start();
    }

    /** Sends the interrupt signal, by which servers end in good order. */
    public void interrupt() {
        signal("INT", process.pid());
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits a moment. */
    public static void pause(Duration moment) {
        try {
            TimeUnit.NANOSECONDS.sleep(moment.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void force() {
        try {
            if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }

    private void kill() {
        List<ProcessHandle> others = process.descendants().toList();
        signal("KILL");
        others.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private void signal(String name) {
        if (!process.isAlive()) {
            return;
        }
        // a negative id is the whole process group; Java itself can signal one process only
        if (!HAS_SETSID || !signal(name, -process.pid())) {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }

    private static boolean signal(String name, long target) {
        try {
            return new ProcessBuilder("kill", "-s", name, "--", Long.toString(target))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor(2, TimeUnit.SECONDS);
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Waits for its end; anything but exit status 0 is a failure that quotes what it said. */
    public void await(Duration atMost) {
        int status = status(atMost);
        if (status != 0) {
            throw failure("ended with status " + status);
        }
    }

    /** Waits for its end and gives its exit status; one that outlasts {@code atMost} is ended, and a failure. */
    public int status(Duration atMost) {
        try {
            if (!process.waitFor(Math.max(1, atMost.toMillis()), TimeUnit.MILLISECONDS)) {
                stop();
                process.waitFor(GRACE.multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS);
                throw failure("did not end in time");
            }
            reader.join(GRACE.toMillis());
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("was interrupted");
        }
    }

    private Failure failure(String what) {
        String said = complaints();
        return new Failure(
                Code.TOOL_FAILED, order.program() + " " + what + (said.isEmpty() ? ", without a word" : ": " + said));
    }

    /** Ends it at once if it still runs, and waits until it is gone. */
    @Override
    public void close() {
        if (process.isAlive()) {
            stopped.set(true);
            kill();
        }
        try {
            process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether a program of this name is on the path. */
    static boolean isInstalled(String name) {
        return SearchPath.find(name).isPresent();
    }

    /** The whole output of a short program, at most 64 KiB of it. */
    public static String textOf(Path program, String... arguments) {
        ProgramOrder order = ProgramOrder.of(program, List.of(arguments), Map.of());
        try (Program run = start(order)) {
            run.input().close();
            String text = new String(run.output().readNBytes(64 * 1024), java.nio.charset.StandardCharsets.UTF_8);
            run.await(Duration.ofSeconds(10));
            return text.strip();
        } catch (IOException e) {
            throw new Failure(Code.TOOL_FAILED, program + " cannot be read: " + e.getMessage(), e);
        }
    }

    static boolean isExecutable(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }
}
