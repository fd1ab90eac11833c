package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.program.PostgresClients.Client;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A dump of many files, unpacked into a scratch folder that closing removes. */
record DumpTar(Path folder) implements AutoCloseable {
    /** Unpacks a backup in its place, and compares its checksum. */
    static DumpTar of(Drilling.Task task, Client client, Attempt attempt, Pump pump) throws IOException {
        Path folder =
                task.scratch().resolveSibling(task.manifest().name() + "." + ParallelDump.DUMP + BackupName.PARTIAL);
        DumpTar dump = new DumpTar(folder);
        try (StoredInput in = task.open()) {
            dump.unpack(
                    in,
                    client,
                    attempt,
                    pump,
                    new Pump.Part("unpacking", task.manifest().file().contentBytes(), 0, 20));
            task.verification().checkHash(in);
        }
        return dump;
    }

    void unpack(InputStream in, Client client, Attempt attempt, Pump pump, Pump.Part part) throws IOException {
        BackupFolder.deleteTree(folder);
        new PhysicalCheck(client, attempt).unpack(in, folder, pump, part);
        for (String file : new String[] {ParallelDump.ROLES, ParallelDump.TABLESPACES}) {
            if (!text(file).map(DumpTar::isWhole).orElse(true)) {
                throw new Failure(
                        Code.VERIFICATION_FAILED, file + " in the backup has no end; it is damaged: take a new one");
            }
        }
    }

    private static boolean isWhole(String script) {
        return script.contains("-- PostgreSQL database cluster dump complete");
    }

    Path dump() {
        return folder.resolve(ParallelDump.DUMP);
    }

    /** The statements that make the roles; empty if they were not taken along. */
    Optional<String> roles() throws IOException {
        return text(ParallelDump.ROLES);
    }

    private Optional<String> text(String file) throws IOException {
        Path path = folder.resolve(file);
        return Files.exists(path) ? Optional.of(Files.readString(path, StandardCharsets.UTF_8)) : Optional.empty();
    }

    @Override
    public void close() throws IOException {
        BackupFolder.deleteTree(folder);
    }
}
