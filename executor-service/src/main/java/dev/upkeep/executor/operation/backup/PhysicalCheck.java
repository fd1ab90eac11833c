package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.program.PostgresClients.Client;
import dev.upkeep.executor.operation.backup.program.Program;
import dev.upkeep.executor.operation.backup.program.ProgramOrder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Unpacks a physical backup into a scratch folder, and lets pg_verifybackup compare every file and the WAL with the manifest. */
final class PhysicalCheck implements ContentCheck {
    private static final Duration LONGEST = Duration.ofHours(12);

    private final Client client;
    private final Attempt attempt;

    PhysicalCheck(Client client, Attempt attempt) {
        this.client = client;
        this.attempt = attempt;
    }

    @Override
    public Optional<Contents> read(Content content, long expectedBytes, Workplace workplace, Pump pump)
            throws IOException {
        Path folder = workplace.scratch("check");
        BackupFolder.deleteTree(folder);
        try (InputStream in = content.open()) {
            unpack(in, folder, pump, new Pump.Part("verification", expectedBytes, 60, 90));
        }
        verify(folder, pump);
        BackupFolder.deleteTree(folder);
        return Optional.empty();
    }

    /** Unpacks into a new folder. */
    void unpack(InputStream in, Path folder, Pump pump, Pump.Part part) throws IOException {
        Files.createDirectories(folder);
        ProgramOrder tar = ProgramOrder.of(
                Path.of("tar"),
                // whoever has that number here: the spare server's user gets the files, and root could not always give
                // them
                List.of("--extract", "--no-same-owner", "--file=-", "--directory=" + folder),
                Map.of());
        Scripts.feed(
                tar,
                in,
                attempt,
                pump,
                part,
                complaint -> DiskSpace.isFull(complaint)
                        ? new Failure(
                                Code.DISK_FULL,
                                "the backup cannot be unpacked into " + folder + ": the disk became full; make room")
                        : new Failure(
                                Code.VERIFICATION_FAILED,
                                "the backup cannot be unpacked: " + complaint + "; it is damaged: take a new one"));
    }

    /** Compares a folder with the manifest in it. */
    @SuppressWarnings("try") // some resources only have to be closed
    void verify(Path folder, Pump pump) throws IOException {
        ProgramOrder order = ProgramOrder.of(
                client.program("pg_verifybackup"), List.of("--exit-on-error", folder.toString()), Map.of());
        try (Program program = Program.start(order);
                Attempt.Interruption interruption = attempt.onStop(program::stop)) {
            program.input().close();
            program.output().readAllBytes();
            int status = program.status(LONGEST);
            pump.goOn();
            if (status != 0) {
                throw new Failure(
                        Code.VERIFICATION_FAILED,
                        "pg_verifybackup: " + program.complaints() + "; it is damaged: take a new one");
            }
        }
    }
}
