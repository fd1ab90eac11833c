package dev.upkeep.local.server;

import dev.upkeep.local.server.LocalFailure.Code;
import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Finds PostgreSQL's programs: those of a given folder, of the newest installed server, or those that came with the Maven
 * dependencies, which are unpacked once.
 */
final class PostgresPrograms {
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    private PostgresPrograms() {}

    /** The folder with {@code initdb} and {@code postgres}. */
    static Path find(Optional<Path> given, ServerUser user, Path folder) {
        if (given.isPresent()) {
            if (!isServer(given.get())) {
                throw new LocalFailure(
                        Code.NO_PROGRAM,
                        "folder %s: holds no initdb and postgres (must be the bin folder of a PostgreSQL server)"
                                .formatted(given.get()));
            }
            return given.get();
        }
        return installed().orElseGet(() -> unpacked(user.programs(folder)));
    }

    /** The installed server of the highest major version. */
    static Optional<Path> installed() {
        return Stream.concat(debian().stream(), onPath())
                .filter(PostgresPrograms::isServer)
                .findFirst();
    }

    private static Optional<Path> debian() {
        if (!Files.isDirectory(DEBIAN)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(DEBIAN)) {
            return versions.filter(v -> v.getFileName().toString().matches("\\d+"))
                    .filter(v -> isServer(v.resolve("bin")))
                    .max(Comparator.comparingInt(
                            v -> Integer.parseInt(v.getFileName().toString())))
                    .map(v -> v.resolve("bin"));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Stream<Path> onPath() {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Stream.of(path.split(":", -1)).filter(s -> !s.isBlank()).map(Path::of);
    }

    private static boolean isServer(Path bin) {
        return Files.isExecutable(bin.resolve("initdb")) && Files.isExecutable(bin.resolve("postgres"));
    }

    /** Unpacks beside the target and renames, so that an interrupted unpacking is never taken for a whole one. */
    static Path unpacked(Path target) {
        Path bin = target.resolve("bin");
        if (isServer(bin)) {
            return bin;
        }
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac") ? "Darwin" : "Linux";
        String machine = "amd64".equals(System.getProperty("os.arch")) ? "x86_64" : System.getProperty("os.arch");
        Path partial = target.resolveSibling(
                target.getFileName() + "." + ProcessHandle.current().pid() + ".partial");
        try (InputStream packed = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, machine);
                TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(packed))) {
            Scratch.delete(partial);
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpack(tar, entry, partial);
            }
            try {
                Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (FileSystemException anotherWasFaster) {
                Scratch.delete(partial);
                if (!isServer(bin)) {
                    throw anotherWasFaster;
                }
            }
            return bin;
        } catch (IOException | IllegalStateException e) {
            throw new LocalFailure(
                    Code.NO_PROGRAM,
                    "no PostgreSQL server is installed, and no binaries for %s %s could be unpacked to %s: %s; install PostgreSQL"
                            .formatted(system, machine, target, e.getMessage()),
                    e);
        }
    }

    private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path into) throws IOException {
        Path file = into.resolve(entry.getName()).normalize();
        if (!file.startsWith(into)) {
            throw new IOException("entry " + entry.getName() + " points out of the archive");
        }
        if (entry.isDirectory()) {
            Files.createDirectories(file);
            return;
        }
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(tar, file);
        if ((entry.getMode() & 0100) != 0) {
            Set<PosixFilePermission> permissions = new HashSet<>(Files.getPosixFilePermissions(file));
            permissions.add(PosixFilePermission.OWNER_EXECUTE);
            permissions.add(PosixFilePermission.GROUP_EXECUTE);
            permissions.add(PosixFilePermission.OTHERS_EXECUTE);
            Files.setPosixFilePermissions(file, permissions);
        }
    }
}
