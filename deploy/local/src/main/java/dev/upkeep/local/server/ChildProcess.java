package dev.upkeep.local.server;

import dev.upkeep.local.server.LocalFailure.Code;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A program that runs beside this JVM and never outlives it.
 *
 * <p>The program is the child of a small shell script, the keeper, which reads this JVM's end of a pipe. When the pipe ends,
 * because this JVM ended in whatever way, {@code kill -9} included, the keeper stops the program. The keeper runs in a session of its own
 * where the system has {@code setsid}, so that Ctrl-C in the terminal reaches this JVM only, which can then stop its
 * programs in order. The output of the program is appended to a log file. Thread-safe.
 */
public final class ChildProcess implements AutoCloseable {
    private static final long LOG_LIMIT = 16L * 1024 * 1024;
    private static final int TAIL_LINES = 25;
    private static final Pattern STACK_FRAME = Pattern.compile("\\s+(at |\\.\\.\\. )");

    /** Reads signal names from standard input and passes them on; at its end stops the program, and after a grace kills it. */
    private static final String KEEPER = """
            stop=$1; grace=$2; scratch=$3; shift 3
            trap '' INT HUP
            exec 3<&0
            "$@" </dev/null >&2 3<&- &
            program=$!
            echo $program
            exec >&2
            (
              while read -r signal <&3; do kill -s "$signal" $program; done
              kill -s "$stop" $program
              while [ "$grace" -gt 0 ] && kill -s 0 $program; do sleep 1; grace=$((grace - 1)); done
              kill -s KILL $program
            ) 2>/dev/null &
            watcher=$!
            exec 3<&-
            wait $program
            status=$?
            kill -s KILL $watcher 2>/dev/null
            if [ -n "$scratch" ]; then rm -rf -- "$scratch"; fi
            exit $status
            """;

    private final ChildSetup setup;
    private final Process keeper;
    private final long pid;
    private final OutputStream signals;

    private ChildProcess(ChildSetup setup, Process keeper, long pid) {
        this.setup = setup;
        this.keeper = keeper;
        this.pid = pid;
        this.signals = keeper.getOutputStream();
    }

    static ChildProcess start(ChildSetup setup) {
        try {
            makeRoomFor(setup.log());
            Process keeper = new ProcessBuilder(setup.keeperCommand(KEEPER))
                    .redirectError(ProcessBuilder.Redirect.appendTo(setup.log().toFile()))
                    .start();
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(keeper.getInputStream(), StandardCharsets.UTF_8));
            String pid = reader.readLine();
            if (pid == null) {
                throw new LocalFailure(Code.ENDED, setup.name() + " could not be started" + tail(setup.log()));
            }
            return new ChildProcess(setup, keeper, Long.parseLong(pid.strip()));
        } catch (IOException e) {
            throw new LocalFailure(Code.NO_PROGRAM, setup.name() + " could not be started: " + e.getMessage(), e);
        }
    }

    private static void makeRoomFor(Path log) throws IOException {
        Path folder = log.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        if (Files.exists(log) && Files.size(log) > LOG_LIMIT) {
            Files.move(log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The process id of the program itself. */
    public long pid() {
        return pid;
    }

    public boolean isAlive() {
        return keeper.isAlive();
    }

    /** The file that the program's output goes to. */
    public Path log() {
        return setup.log();
    }

    /** Sends a signal by its name without SIG, such as {@code STOP}; does nothing when the program has ended. */
    public synchronized void signal(String name) {
        try {
            signals.write((name + "\n").getBytes(StandardCharsets.US_ASCII));
            signals.flush();
        } catch (IOException e) {
            if (keeper.isAlive()) {
                throw new LocalFailure(Code.ENDED, "cannot signal " + setup.name() + ": " + e.getMessage(), e);
            }
        }
    }

    /** Waits for the end of the program; false when it still runs after this time. */
    public boolean awaitEnd(Duration atMost) {
        try {
            return keeper.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw LocalFailure.interrupted("the end of " + setup.name(), e);
        }
    }

    /** The exit status of the ended program; 128 and the signal's number when a signal ended it. */
    public int exitStatus() {
        return keeper.exitValue();
    }

    /** Stops the program by this signal, and kills it when it has not ended after the grace of its setup. */
    public void stop(String signal) {
        signal(signal);
        if (!awaitEnd(setup.grace())) {
            kill();
        }
    }

    /** Ends the program by {@code kill -9}: it can do nothing more. */
    public void kill() {
        signal("KILL");
        if (!awaitEnd(Duration.ofSeconds(10))) {
            throw new LocalFailure(Code.ENDED, setup.name() + " (pid " + pid + ") does not end, even by kill -9");
        }
    }

    /**
     * Waits until the program answers.
     *
     * @param question true when the program has answered; asked again and again until then
     */
    public void awaitReady(Duration deadline, Question question) {
        long end = System.nanoTime() + deadline.toNanos();
        String last = "";
        while (true) {
            if (!keeper.isAlive()) {
                throw new LocalFailure(
                        Code.ENDED,
                        "%s ended with status %d before it was ready%s"
                                .formatted(setup.name(), exitStatus(), tail(log())));
            }
            try {
                if (question.isAnswered()) {
                    return;
                }
            } catch (Exception e) {
                last = " (last error: " + e.getMessage() + ")";
            }
            if (System.nanoTime() > end) {
                throw new LocalFailure(
                        Code.NOT_READY,
                        "%s was not ready after %d s%s%s"
                                .formatted(setup.name(), deadline.toSeconds(), last, tail(log())));
            }
            if (awaitEnd(Duration.ofMillis(40))) {
                last = "";
            }
        }
    }

    /** What is asked of a program to learn whether it is ready; an exception is a no. */
    @FunctionalInterface
    public interface Question {
        boolean isAnswered() throws Exception;
    }

    /** The last lines of the program's output without stack frames, as the end of a message. */
    public String logTail() {
        return tail(log());
    }

    private static String tail(Path log) {
        try {
            List<String> lines = Files.exists(log)
                    ? Stream.of(new String(Files.readAllBytes(log), StandardCharsets.UTF_8).split("\n", -1))
                            .filter(line -> !STACK_FRAME.matcher(line).lookingAt())
                            .toList()
                    : List.of();
            int from = Math.max(0, lines.size() - TAIL_LINES);
            return "; the end of " + log + ":\n  "
                    + String.join("\n  ", lines.subList(from, lines.size())).strip();
        } catch (IOException e) {
            return "; its log " + log + " cannot be read: " + e.getMessage();
        }
    }

    /** Stops the program by the signal of its setup. */
    @Override
    public void close() {
        if (isAlive()) {
            stop(setup.stopSignal());
        }
    }
}
