package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Purges of random schemas, broken off at random, against an independent computation of what must be left. */
abstract class RandomPurgeContract {
    private static final int CASES = Integer.getInteger("upkeep.test.purge.cases", 200);
    private static final long FIRST = Long.getLong("upkeep.test.purge.seed", 1);

    @TempDir
    Path folder;

    /** An empty database, or an empty schema in one, and the prefix of its tables. */
    abstract Site site(long seed) throws Exception;

    abstract String prefix(long seed);

    /** What a process that dies leaves behind: nothing but its last saved cursor. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    private static Attempt dyingAfter(int batches, FreeAttempt state) {
        int[] left = {batches};
        return state.between(() -> {
            if (--left[0] == 0) {
                throw new Killed();
            }
        });
    }

    @Test
    void leavesExactlyTheRowsThatAnIndependentComputationLeaves() throws Exception {
        for (long seed = FIRST; seed < FIRST + CASES; seed++) {
            RandomSchema schema = new RandomSchema(seed, prefix(seed));
            Random random = new Random(seed);
            try (Site site = site(seed)) {
                List<String> declared = schema.create(site);
                for (int i = 0; i < declared.size(); i++) {
                    site.with("databases.app.links[" + i + "]", declared.get(i));
                }
                boolean isSmall = random.nextBoolean();
                site.with("batch-rows", !isSmall ? "500" : schema.hasCircle() ? "40" : "6");
                Purge purge = new Purge(
                        List.of(schema.rule()),
                        random.nextBoolean()
                                ? Optional.of(random.nextBoolean() ? Purge.Archive.JSON_LINES : Purge.Archive.CSV)
                                : Optional.empty(),
                        Optional.empty(),
                        Optional.of(Purge.Pace.FAST),
                        random.nextBoolean(),
                        Optional.empty());
                Order<Purge> order = Site.order(purge, Site.AS_OF);
                FreeAttempt state = new FreeAttempt();
                Optional<Done> done = Optional.empty();
                try {
                    for (int kills = random.nextInt(3); kills > 0; kills--) {
                        try {
                            done = Optional.of(site.perform(order, dyingAfter(1 + random.nextInt(3), state)));
                            if (random.nextInt(4) == 0) {
                                state = new FreeAttempt();
                            }
                        } catch (Killed killed) {
                            assertThat(killed).isNotNull();
                        }
                    }
                    done = Optional.of(site.perform(order, state.between(() -> {})));
                } catch (Exception e) {
                    throw new AssertionError("seed " + seed + ": " + schema, e);
                }

                assertThat(done.get().outcome())
                        .as("seed %d: %s: %s", seed, schema, done.get().reason())
                        .isIn(Outcome.SUCCEEDED, Outcome.NOTHING_TO_DO);
                assertThat(schema.actual(site, false))
                        .as("seed %d: %s", seed, schema)
                        .isEqualTo(schema.expected());
                assertThat(schema.seen(site)).as("seed %d: %s", seed, schema).isEqualTo(schema.expectedSeen());
                Optional<String> receipt = Site.report(done.get()).receipt();
                if (receipt.isPresent()) {
                    site.restore(receipt.get());
                    assertThat(schema.actual(site, true))
                            .as("seed %d: %s", seed, schema)
                            .isEqualTo(schema.original());
                }
            }
        }
    }
}
