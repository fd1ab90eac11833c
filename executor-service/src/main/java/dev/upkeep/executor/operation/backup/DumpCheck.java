package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.program.PostgresClients.Client;
import dev.upkeep.executor.operation.backup.program.Program;
import dev.upkeep.executor.operation.backup.program.ProgramOrder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Reads a dump back by pg_restore: its table of contents, and then every row and large object, which are counted and hashed. No
 * server and no space on disk is needed.
 */
final class DumpCheck implements ContentCheck {
    private static final Duration END = Duration.ofSeconds(30);

    private final Client client;
    private final Attempt attempt;

    DumpCheck(Client client, Attempt attempt) {
        this.client = client;
        this.attempt = attempt;
    }

    @Override
    public Optional<Contents> read(Content content, long expectedBytes, Workplace workplace, Pump pump)
            throws IOException {
        DumpScript schema = script(content, List.of("--schema-only", "--no-owner", "--no-privileges"), pump, 0);
        DumpScript data = script(content, List.of("--data-only"), pump, expectedBytes);
        return Optional.of(contents(schema, data));
    }

    static Contents contents(DumpScript schema, DumpScript data) {
        java.util.TreeMap<String, Contents.Table> tables = new java.util.TreeMap<>(data.tables());
        // sequences and large objects have no rows, yet are content
        tables.put("", new Contents.Table(0, data.statements()));
        return new Contents(schema.statements(), data.tableCount(), data.rows(), tables);
    }

    @SuppressWarnings("try") // some resources only have to be closed
    private DumpScript script(Content content, List<String> arguments, Pump pump, long expectedBytes)
            throws IOException {
        DumpScript script = new DumpScript();
        List<String> all = new java.util.ArrayList<>(arguments);
        all.add("--format=custom");
        all.add("--file=-");
        ProgramOrder order = new ProgramOrder(client.program("pg_restore"), all, Map.of(), List.of(), false);
        try (InputStream in = content.open();
                Program restore = Program.start(order);
                Attempt.Interruption interruption = attempt.onStop(restore::stop)) {
            CompletableFuture<Void> feeding = CompletableFuture.runAsync(
                    () -> feed(in, restore.input()), task -> daemon(task, "feed of " + order.name()));
            pump.move(restore.output(), script::accept, new Pump.Part("verification", expectedBytes, 70, 99));
            int status = restore.status(END);
            join(feeding);
            if (status != 0) {
                pump.goOn();
                throw new Failure(
                        Code.VERIFICATION_FAILED,
                        "pg_restore cannot read the backup: " + restore.complaints()
                                + "; it is damaged: take a new one");
            }
            return script;
        }
    }

    private static void daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Gives the program what it wants to read; what it leaves is left. */
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
            if (!String.valueOf(e.getMessage()).contains("Broken pipe")
                    && !String.valueOf(e.getMessage()).contains("Stream closed")) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void join(CompletableFuture<Void> feeding) throws IOException {
        try {
            feeding.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UncheckedIOException io && io.getCause() != null) {
                throw io.getCause();
            }
            throw e;
        }
    }
}
