package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.program.Program;
import dev.upkeep.executor.operation.backup.program.ProgramOrder;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Runs programs of PostgreSQL that read a backup, write a script, or both. */
final class Scripts {
    private static final Duration END = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(100);

    private Scripts() {}

    /** Runs a program to its end, and takes its output for a dump's script. */
    @SuppressWarnings("try") // some resources only have to be closed
    static DumpScript read(
            ProgramOrder order,
            Optional<ContentCheck.Content> input,
            Attempt attempt,
            Pump pump,
            Pump.Part part,
            Function<String, Failure> failed)
            throws IOException {
        DumpScript script = new DumpScript();
        try (InputStream in = input.isPresent() ? input.get().open() : InputStream.nullInputStream();
                Program program = Program.start(order);
                Attempt.Interruption interruption = attempt.onStop(program::stop)) {
            Feed feed = Feed.start(in, program.input(), order.name());
            pump.move(program.output(), script::accept, part);
            int status = program.status(END);
            feed.join();
            if (status != 0) {
                pump.goOn();
                throw failed.apply(program.complaints());
            }
            return script;
        }
    }

    /** Runs a program to its end that reads a backup and writes nothing; looks for reasons to stop while it feeds. */
    @SuppressWarnings("try") // some resources only have to be closed
    static void feed(
            ProgramOrder order,
            InputStream in,
            Attempt attempt,
            Pump pump,
            Pump.Part part,
            Function<String, Failure> failed)
            throws IOException {
        try (Program program = Program.start(order);
                Attempt.Interruption interruption = attempt.onStop(program::stop)) {
            try (java.io.OutputStream out = program.input()) {
                pump.move(in, out::write, part);
            } catch (IOException e) {
                // the program ended before it had read all: its exit status says whether that is right
                if (!Feed.isBrokenPipe(e)) {
                    throw e;
                }
            }
            int status = status(program, attempt);
            if (status != 0) {
                pump.goOn();
                throw failed.apply(program.complaints());
            }
        }
    }

    /** Runs a program to its end that neither reads nor writes anything here; looks for reasons to stop meanwhile. */
    @SuppressWarnings("try") // some resources only have to be closed
    static void run(ProgramOrder order, Attempt attempt, Pump pump, Runnable look, Function<String, Failure> failed) {
        try (Program program = Program.start(order);
                Attempt.Interruption interruption = attempt.onStop(program::stop)) {
            program.closeInput();
            while (program.isAlive()) {
                pump.goOn();
                look.run();
                Program.pause(LOOK);
            }
            if (program.status(END) != 0) {
                pump.goOn();
                throw failed.apply(program.complaints());
            }
        }
    }

    /** Building indexes may take long after the last byte was read: the attempt's own end is the limit. */
    private static int status(Program program, Attempt attempt) {
        Duration left = Duration.between(java.time.Instant.now(), attempt.finishBy());
        return program.status(left.compareTo(Duration.ofDays(7)) > 0 ? Duration.ofDays(7) : left);
    }
}
