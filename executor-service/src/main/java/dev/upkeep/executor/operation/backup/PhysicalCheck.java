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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * Compares every file of a physical backup with the manifest in it, as its tar is read, and lets pg_waldump read the write-ahead log that
 * it needs. Only that log is unpacked. Where something differs, and for manifests whose checksums are not CRC-32C, all of it is
 * unpacked into a scratch folder and pg_verifybackup has the last word.
 */
final class PhysicalCheck implements ContentCheck {
    private static final Duration LONGEST = Duration.ofHours(12);
    private static final String MANIFEST = "backup_manifest";
    private static final Pattern LOG = Pattern.compile("pg_wal/[0-9A-F]{24}|pg_wal/[0-9A-F]{8}\\.history");

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
        if (!agrees(content, folder, expectedBytes, pump)) {
            BackupFolder.deleteTree(folder);
            try (InputStream in = content.open()) {
                unpack(in, folder, pump, new Pump.Part("verification", expectedBytes, 60, 90));
            }
            verify(folder, pump);
        }
        BackupFolder.deleteTree(folder);
        return Optional.empty();
    }

    private boolean agrees(Content content, Path folder, long expectedBytes, Pump pump) throws IOException {
        Path manifest = folder.resolve(MANIFEST);
        String files;
        try (InputStream in = content.open()) {
            files = walk(pump.paced(in, new Pump.Part("verification", expectedBytes, 60, 95)), folder);
        }
        if (!Files.exists(manifest)) {
            return false;
        }
        BaseManifest expected = BaseManifest.read(manifest);
        if (!expected.isWhole() || !expected.isComparable() || !expected.files().equals(files)) {
            return false;
        }
        for (BaseManifest.Range range : expected.ranges()) {
            run(
                    "pg_waldump",
                    List.of(
                            "--quiet",
                            "--path=" + folder.resolve("pg_wal"),
                            "--timeline=" + range.timeline(),
                            "--start=" + range.start(),
                            "--end=" + range.end()),
                    pump);
        }
        return true;
    }

    /** The sum of all files; unpacks the manifest and the log. */
    private static String walk(InputStream in, Path folder) throws IOException {
        Files.createDirectories(folder.resolve("pg_wal"));
        BaseManifest.FileSum sum = new BaseManifest.FileSum();
        byte[] buffer = new byte[128 * 1024];
        Tar tar = new Tar(in);
        for (Optional<Tar.Entry> next = tar.next(); next.isPresent(); next = tar.next()) {
            Tar.Entry entry = next.get();
            if (entry.isFile()
                    && (entry.name().equals(MANIFEST)
                            || LOG.matcher(entry.name()).matches())) {
                try (OutputStream out = Files.newOutputStream(folder.resolve(entry.name()))) {
                    tar.read(entry, buffer, out::write);
                }
            } else {
                CRC32C crc = new CRC32C();
                tar.read(entry, buffer, crc::update);
                if (entry.isFile() && !BaseManifest.isLeftOut(entry.name())) {
                    sum.add(entry.name().getBytes(StandardCharsets.ISO_8859_1), entry.bytes(), lowestByteFirst(crc));
                }
            }
        }
        return sum.text();
    }

    private static String lowestByteFirst(CRC32C crc) {
        return HexFormat.of().toHexDigits(Integer.reverseBytes((int) crc.getValue()));
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
    void verify(Path folder, Pump pump) throws IOException {
        run("pg_verifybackup", List.of("--exit-on-error", folder.toString()), pump);
    }

    @SuppressWarnings("try") // some resources only have to be closed
    private void run(String name, List<String> arguments, Pump pump) throws IOException {
        ProgramOrder order = ProgramOrder.of(client.program(name), arguments, Map.of());
        try (Program program = Program.start(order);
                Attempt.Interruption interruption = attempt.onStop(program::stop)) {
            program.input().close();
            program.output().readAllBytes();
            int status = program.status(LONGEST);
            pump.goOn();
            if (status != 0) {
                throw new Failure(
                        Code.VERIFICATION_FAILED,
                        name + ": " + program.complaints() + "; it is damaged: take a new one");
            }
        }
    }
}
