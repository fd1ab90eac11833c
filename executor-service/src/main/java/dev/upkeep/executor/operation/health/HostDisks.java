package dev.upkeep.executor.operation.health;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The disks of this host: how full they are, their inodes as {@code df} tells them, and at what pace they fill, as far as this process
 * has seen it within a day. Thread-safe.
 */
public class HostDisks {
    private static final Duration FRESH = Duration.ofSeconds(30);
    private static final Duration BETWEEN_SAMPLES = Duration.ofMinutes(10);
    private static final Duration REMEMBERED = Duration.ofDays(1);
    private static final Duration LEAST_SEEN = Duration.ofHours(1);
    private static final double LEAST_GROWTH = 0.001;
    private static final int DF_COLUMNS = 6;

    private final Map<String, Path> folders;
    private final Clock clock;
    private final Map<String, Deque<Sample>> samples = new ConcurrentHashMap<>();
    private final Map<String, Inodes> inodes = new ConcurrentHashMap<>();

    private record Sample(Instant at, double used) {}

    private record Inodes(Instant at, Optional<Double> used) {}

    /**
     * One disk now.
     *
     * @param identity the same for two paths on one disk
     * @param usedInodes share of its inodes that is taken; empty where there is no limit or {@code df} does not tell
     * @param fullIn when it is full at the pace of the last day; empty while less than an hour is known, or it hardly fills
     */
    record Disk(String identity, double total, double free, Optional<Double> usedInodes, Optional<Duration> fullIn) {
        double usedShare() {
            return 1 - free / total;
        }
    }

    /** @param folders that this executor fills itself, such as its backups, by purpose */
    HostDisks(Map<String, Path> folders, Clock clock) {
        this.folders = new LinkedHashMap<>(folders);
        this.clock = clock;
    }

    /** Folders that this executor fills itself, by purpose. */
    Map<String, Path> folders() {
        return Map.copyOf(folders);
    }

    /** The disk that a path is on, or will be; empty if it cannot be told. */
    Optional<Disk> under(Path path) throws IOException {
        Path there = path;
        while (!Files.exists(there)) {
            Path parent = there.getParent();
            if (parent == null || parent.equals(parent.getRoot())) {
                return Optional.empty();
            }
            there = parent;
        }
        FileStore store = Files.getFileStore(there);
        double total = store.getTotalSpace();
        if (total <= 0) {
            return Optional.empty();
        }
        double free = store.getUsableSpace();
        String identity = store.name() + " " + Files.getAttribute(there, "unix:dev");
        return Optional.of(new Disk(
                identity, total, free, usedInodes(identity, there), fullIn(identity, total, total - free, free)));
    }

    private Optional<Duration> fullIn(String identity, double total, double used, double free) {
        Deque<Sample> seen = samples.computeIfAbsent(identity, key -> new ArrayDeque<>());
        Instant now = clock.instant();
        synchronized (seen) {
            while (!seen.isEmpty() && seen.getFirst().at().plus(REMEMBERED).isBefore(now)) {
                seen.removeFirst();
            }
            if (seen.isEmpty() || !seen.getLast().at().plus(BETWEEN_SAMPLES).isAfter(now)) {
                seen.addLast(new Sample(now, used));
            }
            Sample first = seen.getFirst();
            Duration span = Duration.between(first.at(), now);
            double grown = used - first.used();
            return span.compareTo(LEAST_SEEN) < 0 || grown < LEAST_GROWTH * total
                    ? Optional.empty()
                    : Optional.of(Duration.ofSeconds((long) (free / grown * span.toSeconds())));
        }
    }

    private Optional<Double> usedInodes(String identity, Path path) {
        Instant now = clock.instant();
        return inodes.compute(
                        identity,
                        (key, known) -> known != null && known.at().plus(FRESH).isAfter(now)
                                ? known
                                : new Inodes(now, askForInodes(path)))
                .used();
    }

    /** POSIX knows no call for it in Java, so that {@code df} is asked; without one, nothing is said. */
    private static Optional<Double> askForInodes(Path path) {
        try {
            Process process = new ProcessBuilder("df", "-P", "-i", "--", path.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String last = "";
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    last = line;
                }
            }
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            return usedOf(last);
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** {@code tmpfs 2048 31 2017 2% /tmp}: name, inodes, taken, free, share, place. */
    static Optional<Double> usedOf(String line) {
        String[] columns = line.strip().split("\\s+", DF_COLUMNS);
        if (columns.length < DF_COLUMNS || !columns[1].matches("\\d+") || !columns[2].matches("\\d+")) {
            return Optional.empty();
        }
        double all = Double.parseDouble(columns[1]);
        return all <= 0 ? Optional.empty() : Optional.of(Double.parseDouble(columns[2]) / all);
    }
}
