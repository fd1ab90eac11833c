package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.Compression;
import dev.upkeep.common.task.Backup.Globals;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.program.PostgresClients.Client;
import dev.upkeep.executor.operation.backup.program.Program;
import dev.upkeep.executor.operation.backup.program.ProgramOrder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A logical backup of many files in one tar: what pg_dump writes in its directory format, by as many sessions as ordered, which all
 * see the same snapshot, and if asked for the server's roles and tablespaces. pg_dump compresses each file itself, by as many
 * processes. All is written into a scratch folder first. Roles that cannot be read do not keep the data from being saved: a finding says so.
 */
final class ParallelDump implements LogicalSource {
    /** What the files are called in the tar. */
    static final String DUMP = "dump";

    static final String ROLES = "roles.sql";
    static final String TABLESPACES = "tablespaces.sql";

    private static final Duration END = Duration.ofMinutes(1);
    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final int KNOWS_ZSTD = 16;
    private static final double SMALLEST = 0.1;

    private final PostgresOrigin origin;
    private final Backup order;
    private final List<Lack> lacks = new ArrayList<>();

    /** What is not in it, and why. */
    private record Lack(String what, String why, Severity severity) {}

    private ParallelDump(PostgresOrigin origin, Backup order) {
        this.origin = origin;
        this.order = order;
    }

    static boolean isAskedFor(Backup order) {
        return order.jobs().isPresent() || order.globals().isPresent();
    }

    static ParallelDump of(PostgresOrigin origin, Backup order) {
        Client client = origin.client();
        boolean needsNewer = client.major() < KNOWS_ZSTD
                && order.compression()
                        .filter(asked -> asked == Compression.ZSTD || asked == Compression.LZ4)
                        .isPresent();
        if (needsNewer) {
            throw new Failure(
                    Code.UNSUPPORTED,
                    "compression: pg_dump " + client.version()
                            + " compresses the files of a parallel dump by gzip only;"
                            + " leave compression out, or give gzip or none");
        }
        return new ParallelDump(origin, order);
    }

    @Override
    public PostgresOrigin origin() {
        return origin;
    }

    @Override
    public String form() {
        return BackupName.DUMP_TAR;
    }

    @Override
    public Compression stored(Compression asked) {
        return Compression.NONE;
    }

    @Override
    public long scratchBytes() {
        return expectedBytes();
    }

    @Override
    public void writeTo(OutputStream out, Workplace workplace, Pump pump) throws IOException {
        Path folder = workplace.scratch("dump");
        BackupFolder.deleteTree(folder);
        BackupFolder.createFolder(folder);
        try (LibpqSettings settings = LibpqSettings.of(origin.database(), workplace.scratch("pgpass"))) {
            if (order.globals().isPresent()) {
                globals(folder, settings, pump);
            }
            dump(folder, settings, pump);
        }
        pack(folder, out, pump);
        BackupFolder.deleteTree(folder);
    }

    private void dump(Path folder, LibpqSettings settings, Pump pump) {
        List<String> arguments = new ArrayList<>(List.of(
                "--format=directory",
                "--file=" + folder.resolve(DUMP),
                "--jobs=" + order.jobs().orElse(1),
                "--no-password",
                // these files go into the tar; that one is brought to disk
                "--no-sync",
                "--lock-wait-timeout=30000"));
        compression().ifPresent(arguments::add);
        run("pg_dump", arguments, settings, pump, new Growth(folder));
    }

    /** Tells now and then how much there is; seldom, since it looks at every file. */
    private final class Growth implements Runnable {
        private final Path folder;
        private long next = System.nanoTime();

        Growth(Path folder) {
            this.folder = folder;
        }

        @Override
        public void run() {
            if (System.nanoTime() < next) {
                return;
            }
            long written = size(folder);
            double share = Math.min(1, written / (SMALLEST * Math.max(1, expectedBytes())));
            origin.attempt().progress(share * 50, Optional.empty(), "dump: " + written / 1_000_000 + " MB");
            next = System.nanoTime() + LOOK.toNanos();
        }
    }

    private Optional<String> compression() {
        Optional<Compression> asked = order.compression();
        if (asked.isEmpty()) {
            return Optional.of(origin.client().major() < KNOWS_ZSTD ? "--compress=1" : "--compress=zstd:1");
        }
        return Optional.of("--compress="
                + switch (asked.get()) {
                    case NONE -> "0";
                    case GZIP -> "1";
                    case ZSTD -> "zstd:1";
                    case LZ4 -> "lz4:1";
                });
    }

    private static long size(Path folder) {
        try (var files = Files.walk(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException | java.io.UncheckedIOException changing) {
            return 0;
        }
    }

    private void globals(Path folder, LibpqSettings settings, Pump pump) throws IOException {
        if (order.globals().orElseThrow() == Globals.WITH_PASSWORDS) {
            Optional<Failure> refused = all(folder.resolve(ROLES), List.of("--roles-only"), settings, pump);
            if (refused.isPresent()) {
                lacks.add(new Lack(
                        "password hashes of roles", refused.get().reason().message(), Severity.WARNING));
                roles(folder, settings, pump);
            }
        } else {
            roles(folder, settings, pump);
        }
        all(folder.resolve(TABLESPACES), List.of("--tablespaces-only"), settings, pump)
                .ifPresent(why -> lacks.add(new Lack("tablespaces", why.reason().message(), Severity.WARNING)));
    }

    private void roles(Path folder, LibpqSettings settings, Pump pump) throws IOException {
        all(folder.resolve(ROLES), List.of("--roles-only", "--no-role-passwords"), settings, pump)
                .ifPresent(why -> lacks.add(new Lack("roles", why.reason().message(), Severity.CRITICAL)));
    }

    /** Runs pg_dumpall; gives why it was refused, and leaves no file then. */
    private Optional<Failure> all(Path file, List<String> what, LibpqSettings settings, Pump pump) throws IOException {
        List<String> arguments = new ArrayList<>(what);
        arguments.addAll(List.of(
                "--file=" + file,
                "--no-password",
                "--no-sync",
                // else it would look in the database postgres, which the role may not be let into
                "--database="
                        + LibpqSettings.toDatabase(origin.database().address().database())));
        try {
            run("pg_dumpall", arguments, settings, pump, () -> {});
            return Optional.empty();
        } catch (Failure e) {
            if (e.reason().code() != Code.PERMISSION_DENIED) {
                throw e;
            }
            Files.deleteIfExists(file);
            return Optional.of(e);
        }
    }

    private void run(String program, List<String> arguments, LibpqSettings settings, Pump pump, Runnable look) {
        Scripts.run(
                origin.order(program, arguments, settings),
                origin.attempt(),
                pump,
                look,
                complaint -> PostgresComplaint.coded(
                        new Failure(Code.TOOL_FAILED, program + " could not read the server: " + complaint)));
    }

    @SuppressWarnings("try") // some resources only have to be closed
    private void pack(Path folder, OutputStream out, Pump pump) throws IOException {
        ProgramOrder tar = ProgramOrder.of(
                Path.of("tar"), List.of("--create", "--file=-", "--directory=" + folder, "."), Map.of());
        try (Program program = Program.start(tar);
                Attempt.Interruption interruption = origin.attempt().onStop(program::stop)) {
            program.input().close();
            pump.move(program.output(), out::write, new Pump.Part("store", size(folder), 50, 70));
            program.await(END);
        }
    }

    @Override
    public List<Finding> findings(String backup) {
        return lacks.stream()
                .map(
                        lack -> new Finding(
                                "backup-globals",
                                lack.severity(),
                                backup,
                                lack.what() + " are not in it: " + lack.why(),
                                "as ordered",
                                "policy",
                                "let a superuser take it, or grant the executor's role what is missing: SELECT on pg_authid for password hashes"))
                .toList();
    }

    @Override
    public ContentCheck check() {
        return new DumpTarCheck(origin.client(), origin.attempt());
    }
}
