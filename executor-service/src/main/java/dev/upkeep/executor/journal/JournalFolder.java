package dev.upkeep.executor.journal;

import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.trust.Trust;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * The folder of the journal, used by one process at a time, closed to other users. A journal that is damaged, or another
 * executor's, is set aside under a name of its own, and a new one begun that says so: what the old one had accepted can no longer
 * be vouched for.
 */
public final class JournalFolder implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(JournalFolder.class);
    private static final String NAME = "journal.db";
    private static final List<String> SUFFIXES = List.of("", "-wal", "-shm");
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private final FileChannel lock;
    private final JournalFile file;
    private final Clock clock;

    private JournalFolder(FileChannel lock, JournalFile file, Clock clock) {
        this.lock = lock;
        this.file = file;
        this.clock = clock;
    }

    /** @throws JournalFailure if the folder cannot be used, or another process uses it */
    public static JournalFolder open(Path folder, ExecutorId executor, Clock clock) {
        try {
            if (Files.isDirectory(folder)) {
                close(folder);
            } else {
                Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            }
            FileChannel lock = lock(folder);
            try {
                return new JournalFolder(lock, file(folder.resolve(NAME), executor, clock), clock);
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new JournalFailure("cannot use the data folder " + folder + ": " + e, e);
        }
    }

    /** A folder that others could read is closed; one that others could write to is refused, as nobody knows what they put there. */
    private static void close(Path folder) throws IOException {
        Optional<String> problem = Trust.unwritableByOthers(folder);
        if (problem.isPresent()) {
            throw new IOException(problem.get() + "; look at what is in it, then chmod 700 it");
        }
        Files.setPosixFilePermissions(folder, OWNER_ONLY);
    }

    private static FileChannel lock(Path folder) throws IOException {
        Path path = folder.resolve("executor.lock");
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IOException("another executor of this process uses it", e);
        }
        if (lock == null) {
            channel.close();
            throw new IOException("another process uses it (" + path + " is locked)");
        }
        return channel;
    }

    private static JournalFile file(Path path, ExecutorId executor, Clock clock) throws IOException {
        try {
            return JournalFile.open(path, executor, clock, Optional.empty());
        } catch (JournalFailure e) {
            if (!e.isUseless()) {
                throw e;
            }
            Instant now = clock.instant();
            String stamp = STAMP.format(now);
            for (String suffix : SUFFIXES) {
                Path part = path.resolveSibling(NAME + suffix);
                if (Files.exists(part)) {
                    Files.move(part, path.resolveSibling("journal.set-aside-" + stamp + ".db" + suffix));
                }
            }
            Path aside = path.resolveSibling("journal.set-aside-" + stamp + ".db");
            List<String> open = JournalFile.openIn(aside);
            LOG.errorf(
                    "THE JOURNAL COULD NOT BE USED AND WAS SET ASIDE as %s: %s. A new one begins: commands issued before %s"
                            + " that change a database are not run by themselves, since nobody knows whether they were carried out."
                            + " It had taken and not ended: %s",
                    aside, e.getMessage(), now, open.isEmpty() ? "none that can be read" : String.join(", ", open));
            return JournalFile.open(path, executor, clock, Optional.of(now));
        }
    }

    public Journal journal() {
        return new Journal(file, clock);
    }

    public Outbox outbox() {
        return new Outbox(file, clock);
    }

    @Override
    public void close() {
        try {
            file.close();
            lock.close();
        } catch (IOException e) {
            throw new JournalFailure("cannot release the data folder of " + file.path(), e);
        }
    }
}
