package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.program.Program;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;

/** A logical backup: what pg_dump writes in its custom format, uncompressed, through a pipe. */
record PostgresDump(PostgresOrigin origin) implements LogicalSource {
    private static final Duration END = Duration.ofSeconds(30);
    private static final List<String> ARGUMENTS = List.of(
            // no one is kept waiting behind us for long when a schema change holds a table
            "--format=custom", "--compress=0", "--no-password", "--lock-wait-timeout=30000");

    @SuppressWarnings("try") // some resources only have to be closed
    @Override
    public void writeTo(OutputStream out, Workplace workplace, Pump pump) throws IOException {
        try (LibpqSettings settings = LibpqSettings.of(origin.database(), workplace.scratch("pgpass"));
                Program dump = Program.start(origin.order("pg_dump", ARGUMENTS, settings));
                Attempt.Interruption interruption = origin.attempt().onStop(dump::stop)) {
            dump.input().close();
            pump.move(dump.output(), out::write, new Pump.Part("dump", expectedBytes(), 0, 70));
            dump.await(END);
        } catch (Failure e) {
            throw PostgresComplaint.coded(e);
        }
    }

    @Override
    public ContentCheck check() {
        return new DumpCheck(origin.client(), origin.attempt());
    }
}
