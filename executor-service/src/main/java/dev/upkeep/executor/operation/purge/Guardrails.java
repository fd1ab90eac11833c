package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Purge;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Finds what is absurd about the figures of a purge before it begins. */
final class Guardrails {
    private static final int EARLIER = 3;
    private static final long FEW = 10_000;

    private Guardrails() {}

    /** Every limit that is broken, in words; empty if the purge may go ahead. */
    static List<String> broken(Plan plan, List<Session.Census> censuses, Limits.Guards guards, List<Receipt> earlier) {
        List<String> broken = new ArrayList<>();
        long all = censuses.stream().mapToLong(Session.Census::all).sum();
        if (all > guards.maxRows()) {
            broken.add("rows: " + all + " (at most " + guards.maxRows() + ", see upkeep.purge.max-rows)");
        }
        for (int i = 0; i < censuses.size(); i++) {
            Branch branch = plan.branches().get(i);
            Session.Census census = censuses.get(i);
            long rows = census.rows().getOrDefault(branch.root().name(), 0L);
            if (rows > 0 && rows > guards.maxShare() * census.total()) {
                broken.add(String.format(
                        Locale.ROOT,
                        "share: %.1f %% of the rows of %s, %d of %d (at most %.1f %%, see upkeep.purge.max-share)",
                        100.0 * rows / Math.max(1, census.total()),
                        branch.root().name(),
                        rows,
                        census.total(),
                        100 * guards.maxShare()));
            }
            census.newest()
                    .filter(newest -> branch.rule()
                                    .format()
                                    .filter(Purge.TimeFormat.EPOCH_MILLIS::equals)
                                    .isPresent()
                            && newest.getEpochSecond() < 100_000_000L)
                    .ifPresent(newest -> broken.add(
                            "format: epoch-millis for " + branch.root().name() + "("
                                    + branch.rule().column() + ") (the values look like seconds)"));
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
                broken.add("deviation: " + all + " rows (the last " + earlier.size() + " purges by this plan deleted "
                        + median + " as their median, at most " + guards.maxDeviation()
                        + " times as many are allowed, see upkeep.purge.max-deviation)");
            }
        }
        return broken;
    }

    /** The refusal that the first broken limits make. */
    static Refused refusal(List<String> broken) {
        return new Refused(Code.GUARDRAIL, String.join("; ", broken));
    }
}
