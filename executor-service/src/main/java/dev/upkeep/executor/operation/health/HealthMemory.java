package dev.upkeep.executor.operation.health;

import dev.upkeep.common.id.DatabaseId;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What earlier health checks of this process saw, for the checks that compare: counters since the last check, and how long
 * something has been so. Lost at a restart, after which the first check has nothing to compare with; bounded by the number of
 * databases. Thread-safe.
 */
@ApplicationScoped
public class HealthMemory {
    /** How long a sequence that was far from its end is not read again. */
    static final Duration FAR_FOR = Duration.ofHours(1);

    private static final int MOST_SEEN = 1_000;

    private final Map<DatabaseId, Sample> samples = new ConcurrentHashMap<>();
    private final Map<DatabaseId, Map<String, Instant>> seen = new ConcurrentHashMap<>();

    private final Map<DatabaseId, Sequences> sequences = new ConcurrentHashMap<>();

    private final HostDisks disks;

    @Inject
    HealthMemory(HostDisks disks) {
        this.disks = disks;
    }

    /** Knows of no folders of the executor's own. */
    public HealthMemory() {
        this(new HostDisks(Map.of(), Clock.systemUTC()));
    }

    /** The host's disks. */
    HostDisks disks() {
        return disks;
    }

    /** Figures at one time. */
    public record Sample(Instant at, Map<String, Double> figures) {
        public Sample {
            figures = Map.copyOf(figures);
        }

        /** How much a figure has grown since an earlier sample; empty if it was not there or has shrunk, as after a reset. */
        public Optional<Double> since(Sample earlier, String figure) {
            Double now = figures.get(figure);
            Double then = earlier.figures.get(figure);
            return now == null || then == null || now < then ? Optional.empty() : Optional.of(now - then);
        }
    }

    /** The sample of the last check. */
    public Optional<Sample> last(DatabaseId database) {
        return Optional.ofNullable(samples.get(database));
    }

    /** Remembers the sample in place of the last. */
    public void remember(DatabaseId database, Sample sample) {
        samples.put(database, sample);
    }

    /**
     * The sequences of a database when all of them were read.
     *
     * @param limit the share from which on one was a finding
     * @param newest the greatest object id of them
     * @param near those that might reach their end within {@link #FAR_FOR}
     */
    public record Sequences(Instant readAt, double limit, long newest, Set<Long> near) {
        public Sequences {
            near = Set.copyOf(near);
        }
    }

    /** What is known of the sequences; empty if they are all to be read: never read, too long ago, or judged by another limit. */
    public Optional<Sequences> sequences(DatabaseId database, double limit, Instant now) {
        return Optional.ofNullable(sequences.get(database))
                .filter(known -> known.limit() == limit
                        && !known.readAt().isAfter(now)
                        && known.readAt().plus(FAR_FOR).isAfter(now));
    }

    /** Remembers the sequences. */
    public void remember(DatabaseId database, Sequences read) {
        sequences.put(database, read);
    }

    /**
     * How long each of these things has been so, as far as this process has seen.
     *
     * @param kind of things; what of this kind is no longer among them is forgotten
     */
    public Map<String, Duration> since(DatabaseId database, String kind, Set<String> things, Instant now) {
        Map<String, Instant> known = seen.computeIfAbsent(database, id -> new ConcurrentHashMap<>());
        String prefix = kind + " ";
        known.keySet().removeIf(key -> key.startsWith(prefix) && !things.contains(key.substring(prefix.length())));
        Map<String, Duration> ages = new ConcurrentHashMap<>();
        for (String thing : things) {
            Instant first = known.size() < MOST_SEEN
                    ? known.computeIfAbsent(prefix + thing, key -> now)
                    : known.get(prefix + thing);
            ages.put(thing, first == null || first.isAfter(now) ? Duration.ZERO : Duration.between(first, now));
        }
        return ages;
    }
}
