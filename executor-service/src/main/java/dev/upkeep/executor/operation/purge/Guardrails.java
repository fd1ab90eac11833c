package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.task.Purge;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Finds what is absurd about the figures of a purge before it begins. */
final class Guardrails {
    private static final int EARLIER = 3;
    private static final long FEW = 10_000;

    private Guardrails() {}

    /**
     * A limit that is broken.
     *
     * @param isOfSize whether a person's override can lift it
     */
    record Broken(String words, boolean isOfSize) {}

    /** Every limit that is broken; empty if the purge may go ahead. */
    static List<Broken> broken(Plan plan, List<Session.Census> censuses, Limits.Guards guards, List<Receipt> earlier) {
        List<Broken> broken = new ArrayList<>();
        long all = censuses.stream().mapToLong(Session.Census::all).sum();
        if (all > guards.maxRows()) {
            broken.add(new Broken(
                    "rows: " + all + " (at most " + guards.maxRows() + ", see upkeep.purge.max-rows)", true));
        }
        for (int i = 0; i < censuses.size(); i++) {
            Branch branch = plan.branches().get(i);
            Session.Census census = censuses.get(i);
            long rows = census.rows().getOrDefault(branch.root().name(), 0L);
            if (rows > 0 && rows > guards.maxShare() * census.total()) {
                String share = String.format(
                        Locale.ROOT,
                        "share: %.1f %% of the rows of %s, %d of %d (at most %.1f %%, see upkeep.purge.max-share)",
                        100.0 * rows / Math.max(1, census.total()),
                        branch.root().name(),
                        rows,
                        census.total(),
                        100 * guards.maxShare());
                broken.add(new Broken(share, true));
            }
            census.newest()
                    .filter(newest -> branch.rule()
                                    .format()
                                    .filter(Purge.TimeFormat.EPOCH_MILLIS::equals)
                                    .isPresent()
                            && newest.getEpochSecond() < 100_000_000L)
                    .ifPresent(newest -> broken.add(new Broken(
                            "format: epoch-millis for " + branch.root().name() + "("
                                    + branch.rule().column() + ") (the values look like seconds)",
                            false)));
        }
        if (earlier.size() >= EARLIER) {
            List<Long> usual = earlier.stream()
                    .map(receipt -> receipt.deleted().values().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .sorted()
                    .toList();
            long median = usual.get(usual.size() / 2);
            if (all > FEW && all > guards.maxDeviation() * median) {
                broken.add(new Broken(
                        "deviation: " + all + " rows (the last " + earlier.size() + " purges by this plan deleted "
                                + median + " as their median, at most " + guards.maxDeviation()
                                + " times as many are allowed, see upkeep.purge.max-deviation)",
                        true));
            }
        }
        return broken;
    }

    /** All of them, in words. */
    static String words(List<Broken> broken) {
        return broken.stream().map(Broken::words).collect(Collectors.joining("; "));
    }
}
