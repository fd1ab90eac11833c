package dev.upkeep.e2e;

import dev.upkeep.local.server.Scratch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A disk of {@value #MEGABYTES} MB for one process: a tmpfs in a mount namespace of its own, which any user may make where user
 * namespaces are allowed, and root or sudo elsewhere. Where none of it is, as in most containers, the machine's own {@code /dev/shm}, if it
 * is as small as it is there.
 */
final class SmallDisk implements AutoCloseable {
    static final int MEGABYTES = 96;

    private static final Path SHARED = Path.of("/dev/shm");
    private static final long LARGEST_SHARED = 1L << 30;
    private static final String MOUNT =
            "mount -t tmpfs -o size=" + MEGABYTES + "m,mode=1777 tmpfs \"$0\" && exec \"$@\"";
    private static final List<List<String>> WAYS =
            List.of(List.of("unshare", "-rm"), List.of("unshare", "-m"), List.of("sudo", "-n", "-E", "unshare", "-m"));

    private final Path folder;
    private final List<String> prefix;

    private SmallDisk(Path folder, List<String> prefix) {
        this.folder = folder;
        this.prefix = List.copyOf(prefix);
    }

    static SmallDisk at(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (List<String> way : WAYS) {
            List<String> words = new ArrayList<>(way);
            words.addAll(List.of("sh", "-c", MOUNT, folder.toString()));
            List<String> attempt = new ArrayList<>(words);
            attempt.add("true");
            if (succeeds(attempt)) {
                return new SmallDisk(folder, words);
            }
        }
        if (Files.isWritable(SHARED) && Files.getFileStore(SHARED).getTotalSpace() <= LARGEST_SHARED) {
            return new SmallDisk(Files.createTempDirectory(SHARED, "upkeep-"), List.of());
        }
        throw new IOException("no way to make a small disk here: unshare -rm, and for root unshare -m, are refused;"
                + " allow user namespaces, or run the tests as root");
    }

    private static boolean succeeds(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // there is no such program
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The words before a command that give it the disk. */
    List<String> prefix() {
        return prefix;
    }

    /** Where it is for the process that has it. */
    Path path() {
        return folder;
    }

    /** The disk from outside, through the eyes of a process that has it. */
    Path seenBy(long pid) {
        return prefix.isEmpty() ? folder : Path.of("/proc/" + pid + "/root" + folder);
    }

    @Override
    public void close() {
        try {
            Scratch.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
