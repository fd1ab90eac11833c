package dev.upkeep.common.trust;

import dev.upkeep.common.InvalidValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a file may be believed, by the rules of ssh and libpq: it belongs to the user of this process or to root, and others can
 * neither write it nor, if it is a secret, read it. A secret of root's may be readable by its group, which is how secrets are
 * mounted into containers. Links are followed, as the file behind them is what is read. Thread-safe.
 */
public final class Trust {
    private static final String ROOT = "root";
    private static final Set<PosixFilePermission> WRITING =
            EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    private static final Set<PosixFilePermission> READING =
            EnumSet.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);

    private Trust() {}

    /** Why what is in the file or folder may be somebody else's; empty if nobody else can change it. */
    public static Optional<String> unwritableByOthers(Path file) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
        return owner(file, attributes)
                .or(() -> any(attributes, WRITING)
                        ? Optional.of(file + " can be written by other users")
                        : Optional.empty());
    }

    /** Why the secret in the file is none; empty if nobody else can read or change it. */
    public static Optional<String> secret(Path file) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
        Set<PosixFilePermission> closed = EnumSet.copyOf(READING);
        if (attributes.owner().getName().equals(ROOT)) {
            closed.remove(PosixFilePermission.GROUP_READ);
        }
        return unwritableByOthers(file)
                .or(() ->
                        any(attributes, closed) ? Optional.of(file + " can be read by other users") : Optional.empty());
    }

    /** @throws InvalidValue naming the setting, if other users can change the file, or it cannot be looked at */
    public static void demandUnwritableByOthers(String setting, Path file) {
        demand(setting, file, Trust::unwritableByOthers, "chmod go-w it");
    }

    /** @throws InvalidValue naming the setting, if other users can read or change the file, or it cannot be looked at */
    public static void demandSecret(String setting, Path file) {
        demand(setting, file, Trust::secret, "chmod 600 it");
    }

    private interface Look {
        Optional<String> at(Path file) throws IOException;
    }

    private static void demand(String setting, Path file, Look look, String remedy) {
        Optional<String> problem;
        try {
            problem = look.at(file);
        } catch (IOException e) {
            throw new InvalidValue(setting, file.toString(), "must be a readable file: " + e);
        }
        problem.ifPresent(why -> {
            throw new InvalidValue(setting, file.toString(), "must not be open to others: " + why + "; " + remedy);
        });
    }

    private static Optional<String> owner(Path file, PosixFileAttributes attributes) throws IOException {
        String owner = attributes.owner().getName();
        return owner.equals(ROOT) || owner.equals(self())
                ? Optional.empty()
                : Optional.of(file + " belongs to " + owner + ", who is neither root nor the user of this process");
    }

    /** A user without a name, as in some containers, has at least a process. */
    private static String self() throws IOException {
        Path process = Path.of("/proc/self");
        return Files.exists(process) ? Files.getOwner(process).getName() : System.getProperty("user.name");
    }

    private static boolean any(PosixFileAttributes attributes, Set<PosixFilePermission> wanted) {
        return attributes.permissions().stream().anyMatch(wanted::contains);
    }
}
