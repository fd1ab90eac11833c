package dev.upkeep.local.server;

import dev.upkeep.local.server.LocalFailure.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The operating system user that PostgreSQL runs as: this JVM's own, or, since PostgreSQL refuses to run as root, an unprivileged
 * one when this JVM runs as root.
 *
 * <p>A folder below one that the unprivileged user may not enter, such as a clone in {@code /root}, is made reachable by one
 * capability of that one process; the permissions of the folders above are left alone.
 */
final class ServerUser {
    private static final List<String> CANDIDATES = List.of("postgres", "nobody");
    private static final List<String> CAPABILITIES = List.of("", "dac_read_search", "dac_override");

    private final Optional<String> name;

    private ServerUser(Optional<String> name) {
        this.name = name;
    }

    static ServerUser choose() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return new ServerUser(Optional.empty());
        }
        return new ServerUser(Optional.of(CANDIDATES.stream()
                .filter(ServerUser::exists)
                .findFirst()
                .orElseThrow(() -> new LocalFailure(
                        Code.NO_PROGRAM,
                        "PostgreSQL does not run as root, and there is no user of " + CANDIDATES + " to run it as"))));
    }

    private static boolean exists(String user) {
        try {
            principal(user);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static UserPrincipal principal(String user) throws IOException {
        return Path.of("/").getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user);
    }

    /** Makes the folder, if need be, and gives it and all in it to this user, closed to all others. */
    void own(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        if (name.isEmpty() || Files.getOwner(folder).getName().equals(name.get())) {
            return;
        }
        UserPrincipal owner = principal(name.get());
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                Files.setOwner(file, owner);
            }
        }
    }

    /**
     * Where programs are unpacked for this user: in the server's folder, or, for a user other than this JVM's, in one that
     * this user can enter without a capability, since PostgreSQL's programs look for each other by {@code access(2)}, which ignores capabilities.
     */
    Path programs(Path folder) {
        if (name.isEmpty()) {
            return folder.resolve("programs");
        }
        Path shared = Path.of(System.getProperty("java.io.tmpdir"), "upkeep-postgres-programs");
        try {
            if (Files.exists(shared, LinkOption.NOFOLLOW_LINKS)
                    && !"root"
                            .equals(Files.getOwner(shared, LinkOption.NOFOLLOW_LINKS)
                                    .getName())) {
                throw new LocalFailure(
                        Code.FOLDER, "folder %s: not owned by root (will not run programs from it)".formatted(shared));
            }
            return shared;
        } catch (IOException e) {
            throw new LocalFailure(Code.FOLDER, "folder %s cannot be read: %s".formatted(shared, e), e);
        }
    }

    /** The words before a command that make it run as this user, able to enter this folder. */
    List<String> prefix(Path folder) {
        if (name.isEmpty()) {
            return List.of();
        }
        for (String capability : CAPABILITIES) {
            List<String> words = setpriv(name.get(), capability);
            List<String> attempt = new ArrayList<>(words);
            attempt.addAll(List.of("/bin/sh", "-c", "cd -- \"$0\"", folder.toString()));
            if (succeeds(attempt)) {
                return words;
            }
        }
        throw new LocalFailure(
                Code.FOLDER,
                "folder %s: user %s cannot enter it (PostgreSQL does not run as root): give a folder that others may enter"
                        .formatted(folder, name.get()));
    }

    private static List<String> setpriv(String user, String capability) {
        List<String> words =
                new ArrayList<>(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"));
        if ("nobody".equals(user)) {
            words.set(2, "--regid=nogroup");
        }
        if (!capability.isEmpty()) {
            words.add("--inh-caps=+" + capability);
            words.add("--ambient-caps=+" + capability);
        }
        return words;
    }

    private static boolean succeeds(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            throw new LocalFailure(
                    Code.NO_PROGRAM,
                    "PostgreSQL does not run as root, and setpriv (util-linux), which would change the user, cannot be run: "
                            + e.getMessage(),
                    e);
        } catch (InterruptedException e) {
            throw LocalFailure.interrupted(command.get(0), e);
        }
    }
}
