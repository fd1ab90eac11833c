package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Done;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Purges of random schemas by processes that die at random places, gone on with by others, and brought back. */
abstract class RandomKillContract {
    private static final int CASES = Integer.getInteger("upkeep.test.purge.kills", 8);
    private static final long FIRST = Long.getLong("upkeep.test.purge.seed", 1_001);
    private static final int HALTED = 137;

    @TempDir
    Path folder;

    /** An empty database, or an empty schema in one, and the prefix of its tables. */
    abstract Site site(long seed) throws Exception;

    abstract String prefix(long seed);

    /** What {@link PurgeMain} needs to find the database. */
    abstract String[] arguments(Site site);

    @Test
    void leavesExactlyTheRowsThatAnIndependentComputationLeavesWhereverItDies() throws Exception {
        int died = 0;
        for (long seed = FIRST; seed < FIRST + CASES; seed++) {
            RandomSchema schema = new RandomSchema(seed, prefix(seed));
            Random random = new Random(seed);
            try (Site site = site(seed)) {
                List<String> declared = schema.create(site);
                for (int i = 0; i < declared.size(); i++) {
                    site.with("databases.app.links[" + i + "]", declared.get(i));
                }
                site.with("batch-rows", schema.hasCircle() ? "40" : "4");
                Purge purge = new Purge(
                        List.of(schema.rule()),
                        Optional.of(random.nextBoolean() ? Purge.Archive.JSON_LINES : Purge.Archive.CSV),
                        Optional.empty(),
                        Optional.of(Purge.Pace.FAST),
                        true,
                        Optional.empty());
                String place = List.of("purge-begun", "purge-deleted", "purge-archived", "purge-committed")
                                .get(random.nextInt(4))
                        + ":" + (1 + random.nextInt(3));
                Process process = PurgeMain.start(site, purge, place, arguments(site));

                int exit = process.waitFor();
                Done done = site.perform(Site.order(purge, Site.AS_OF), new FreeAttempt());

                assertThat(exit).as("seed %d: %s", seed, schema).isIn(0, HALTED);
                died += exit == HALTED ? 1 : 0;
                assertThat(done.outcome())
                        .as("seed %d: %s: %s", seed, schema, done.reason())
                        .isIn(Outcome.SUCCEEDED, Outcome.NOTHING_TO_DO);
                assertThat(schema.actual(site, false))
                        .as("seed %d, %s: %s", seed, place, schema)
                        .isEqualTo(schema.expected());
                assertThat(schema.seen(site)).as("seed %d: %s", seed, schema).isEqualTo(schema.expectedSeen());
                Optional<String> receipt = Site.report(done).receipt();
                if (receipt.isPresent()) {
                    site.restore(receipt.get());
                    assertThat(schema.actual(site, true))
                            .as("seed %d, %s: %s", seed, place, schema)
                            .isEqualTo(schema.original());
                }
            }
        }
        assertThat(died).isGreaterThan(CASES / 3);
    }
}
