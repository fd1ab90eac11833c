package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Puts payload files into quarantine that no row refers to: found by two scans apart, looked up once more before each is moved,
 * and removed for good only when their time in quarantine is over. Links are never followed.
 *
 * @param store name of a payload store in the executor's configuration, which says the folder, table and column
 * @param minAge files younger than this stay, by the newer of their two change times; counted back from {@code asOf}
 * @param between time between the two scans; 1 min if absent
 * @param quarantine how long files stay in quarantine; 7 days if absent
 * @param maxOrphanShare stop if more than this share of the files has no row; 0.5 if absent
 */
public record PurgeFiles(
        String store,
        Duration minAge,
        Optional<Duration> between,
        Optional<Duration> quarantine,
        Optional<Double> maxOrphanShare)
        implements Task {
    static final Pattern STORE = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    public PurgeFiles {
        Check.text("store", store, STORE, "must be the name of a payload store: lower-case letters, digits, dashes");
        Check.positive("minAge", minAge);
        between.ifPresent(time -> Check.positive("between", time));
        quarantine.ifPresent(time -> Check.positive("quarantine", time));
        maxOrphanShare.ifPresent(share -> Check.share("maxOrphanShare", share));
    }

    @Override
    public Effect effect() {
        return Effect.DESTRUCTIVE;
    }

    @Override
    public Optional<Duration> shortestKeep() {
        return Optional.of(minAge);
    }

    @Override
    public boolean isHeavy() {
        return true;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /**
     * What was found and done; for a dry run {@code quarantined} is what would be moved.
     *
     * @param files ordinary files in the store, without those in quarantine
     * @param orphans files that no row refers to, young ones left out
     * @param saved orphans that got a row before they were moved for good
     * @param passedOver links, hard links, devices, files of other disks, and names that cannot be read
     * @param missing rows whose file is not there
     * @param receipt names the quarantined files of this command, for {@code restore-files}
     */
    public record Report(
            Files files,
            Files orphans,
            Files quarantined,
            Files expired,
            long saved,
            long passedOver,
            long missing,
            Optional<String> receipt,
            boolean complete) {}

    /** A number of files and their bytes. */
    public record Files(long count, long bytes) {}
}
