package dev.upkeep.executor.operation.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which processes hold locks on a SQLite file, as Linux shows them in {@code /proc/locks}; elsewhere, and for processes that
 * the system hides, nobody is seen. Nothing is opened but {@code /proc}. Byte ranges are those of SQLite's file format: on
 * {@code -shm} 120 is the writer, 121 the checkpointer and 123 to 127 the readers; on the file itself the range from 2^30 on.
 *
 * @param holders what each holds, by process id
 */
public record LockHolders(Map<Long, List<Kind>> holders) {
    private static final Path LOCKS = Path.of("/proc/locks");
    private static final long PENDING = 0x40000000L;
    private static final long RESERVED = PENDING + 1;

    /** What a lock is for. */
    public enum Kind {
        /** Writes, or is about to. */
        WRITES,
        /** Reads a state of the file, which keeps the log from starting over. */
        READS,
        /** Moves pages from the log to the file. */
        CHECKPOINTS
    }

    private record Held(long process, boolean writes, long from, long to) {}

    /** Looks now. */
    public static LockHolders of(Path file) {
        Map<Long, List<Kind>> found = new TreeMap<>();
        collect(found, held(Path.of(file + "-shm")), LockHolders::ofShm);
        collect(found, held(file), LockHolders::ofFile);
        return new LockHolders(found);
    }

    /** Nobody. */
    public static LockHolders nobody() {
        return new LockHolders(Map.of());
    }

    /** Whether another process has the file open in WAL mode, doing something or not. */
    public static boolean hasOthers(Path file) {
        long own = ProcessHandle.current().pid();
        return held(Path.of(file + "-shm")).stream().anyMatch(lock -> lock.process() != own);
    }

    /** Whether the system shows locks at all. */
    public static boolean areShown() {
        return Files.isReadable(LOCKS);
    }

    private interface Reading {
        Collection<Kind> of(Held held);
    }

    private static void collect(Map<Long, List<Kind>> found, List<Held> locks, Reading reading) {
        for (Held lock : locks) {
            for (Kind kind : reading.of(lock)) {
                List<Kind> kinds = found.computeIfAbsent(lock.process(), process -> new ArrayList<>());
                if (!kinds.contains(kind)) {
                    kinds.add(kind);
                }
            }
        }
    }

    private static Collection<Kind> ofShm(Held lock) {
        List<Kind> kinds = new ArrayList<>();
        if (lock.from() <= 120 && lock.to() >= 120) {
            kinds.add(Kind.WRITES);
        }
        if (lock.from() <= 121 && lock.to() >= 121) {
            kinds.add(Kind.CHECKPOINTS);
        }
        if (lock.from() <= 127 && lock.to() >= 123) {
            kinds.add(Kind.READS);
        }
        return kinds;
    }

    /** In WAL mode every session holds the shared lock of the file for as long as it is open, so that this alone says nothing. */
    private static Collection<Kind> ofFile(Held lock) {
        return lock.writes() && lock.to() >= PENDING && lock.from() <= RESERVED ? List.of(Kind.WRITES) : List.of();
    }

    private static List<Held> held(Path file) {
        try {
            Object inode = Files.getAttribute(file, "unix:ino");
            try (var lines = Files.lines(LOCKS)) {
                return lines.map(line -> line.strip().split("\\s+"))
                        .filter(parts -> isLockOf(parts, inode.toString()))
                        .map(LockHolders::held)
                        .toList();
            }
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return List.of();
        }
    }

    private static boolean isLockOf(String[] parts, String inode) {
        return parts.length == 8 && parts[1].equals("POSIX") && parts[5].endsWith(":" + inode);
    }

    private static Held held(String[] parts) {
        long to = parts[7].equals("EOF") ? Long.MAX_VALUE : Long.parseLong(parts[7]);
        return new Held(Long.parseLong(parts[4]), parts[3].equals("WRITE"), Long.parseLong(parts[6]), to);
    }

    /** Only those who hold this kind of lock. */
    public LockHolders who(Kind kind) {
        return new LockHolders(holders.entrySet().stream()
                .filter(entry -> entry.getValue().contains(kind))
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> List.of(kind), (a, b) -> a, TreeMap::new)));
    }

    /** Without the process that asks. */
    public LockHolders others() {
        long own = ProcessHandle.current().pid();
        Map<Long, List<Kind>> left = new TreeMap<>(holders);
        left.remove(own);
        return new LockHolders(left);
    }

    /** Whether nobody is seen. */
    public boolean isEmpty() {
        return holders.isEmpty();
    }

    /** Who holds what: {@code process 4711 (python3) reads}. */
    public String inWords() {
        if (holders.isEmpty()) {
            return "the system does not show who holds it";
        }
        return holders.entrySet().stream()
                .map(entry -> "process " + entry.getKey() + " (" + nameOf(entry.getKey()) + ") "
                        + entry.getValue().stream().map(LockHolders::word).collect(Collectors.joining(" and ")))
                .collect(Collectors.joining(", "));
    }

    private static String word(Kind kind) {
        return switch (kind) {
            case WRITES -> "writes";
            case READS -> "reads";
            case CHECKPOINTS -> "checkpoints";
        };
    }

    private static String nameOf(long process) {
        if (process == ProcessHandle.current().pid()) {
            return "this executor";
        }
        try {
            return Files.readString(Path.of("/proc/" + process + "/comm")).strip();
        } catch (IOException e) {
            return "name hidden";
        }
    }
}
