package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.program.Program;
import dev.upkeep.executor.operation.backup.program.ProgramOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The operating system user that a spare PostgreSQL server runs as: the executor's own, or a configured one when that is root,
 * since PostgreSQL refuses root. A folder that this user could not enter is opened to that one process by a capability.
 */
final class ServerAccount {
    private static final List<String> CAPABILITIES = List.of("", "+dac_read_search", "+dac_override");

    private final Optional<String> user;

    private ServerAccount(Optional<String> user) {
        this.user = user;
    }

    static ServerAccount of(BackupSettings settings) {
        return new ServerAccount(
                "root".equals(System.getProperty("user.name")) ? Optional.of(settings.serverUser()) : Optional.empty());
    }

    /** Gives a folder and all in it to this user, closed to others. */
    void own(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        if (user.isEmpty()) {
            return;
        }
        UserPrincipal owner =
                folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user.get());
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                Files.setOwner(file, owner);
            }
        }
    }

    /** Gives one file to this user. */
    void give(Path file) throws IOException {
        if (user.isPresent()) {
            Files.setOwner(
                    file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user.get()));
        }
    }

    /** What setpriv must be told so that a program runs as this user and can enter the folder. */
    List<String> privileges(Path folder) {
        if (user.isEmpty()) {
            return List.of();
        }
        for (String capability : CAPABILITIES) {
            List<String> words =
                    new ArrayList<>(List.of("--reuid=" + user.get(), "--regid=" + user.get(), "--clear-groups"));
            if (!capability.isEmpty()) {
                words.add("--inh-caps=" + capability);
                words.add("--ambient-caps=" + capability);
            }
            if (canEnter(folder, words)) {
                return words;
            }
        }
        throw new Failure(
                Code.PERMISSION_DENIED,
                "user " + user.get() + ", as whom a spare server would run, cannot enter " + folder
                        + "; name another in upkeep.backup.server-user");
    }

    private static boolean canEnter(Path folder, List<String> privileges) {
        ProgramOrder order = new ProgramOrder(
                Path.of("/bin/sh"),
                List.of("-c", "cd -- \"$0\"", folder.toString()),
                Map.of(),
                List.of(),
                privileges,
                false);
        try (Program program = Program.start(order)) {
            return program.status(Duration.ofSeconds(10)) == 0;
        }
    }
}
