package dev.upkeep.executor.operation;

import dev.upkeep.common.Check;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an operation did: its report (the nested record of its task), findings and measurements. Expected refusals are values
 * too: rejected, contended, nothing to do.
 *
 * @param outcome succeeded, partial, nothing to do, rejected or contended
 * @param report absent if it did not get so far
 * @param reason why it is not succeeded
 */
public record Done(
        Outcome outcome,
        Optional<Object> report,
        Optional<Reason> reason,
        List<Finding> findings,
        List<Measurement> measurements) {
    private static final Set<Outcome> POSSIBLE =
            EnumSet.of(Outcome.SUCCEEDED, Outcome.PARTIAL, Outcome.NOTHING_TO_DO, Outcome.REJECTED, Outcome.CONTENDED);

    public Done {
        if (!POSSIBLE.contains(outcome)) {
            throw new IllegalStateException("an operation cannot end as " + outcome);
        }
        findings = Check.list("findings", findings);
        measurements = Check.list("measurements", measurements);
    }

    /** All was done. */
    public static Done succeeded(Object report, List<Finding> findings, List<Measurement> measurements) {
        return new Done(Outcome.SUCCEEDED, Optional.of(report), Optional.empty(), findings, measurements);
    }

    /** There was nothing that needed doing. */
    public static Done nothing(Object report, List<Finding> findings, List<Measurement> measurements) {
        return new Done(Outcome.NOTHING_TO_DO, Optional.of(report), Optional.empty(), findings, measurements);
    }

    /** Some was done, and the cursor says where to go on. */
    public static Done partial(Object report, Reason reason, List<Finding> findings, List<Measurement> measurements) {
        return new Done(Outcome.PARTIAL, Optional.of(report), Optional.of(reason), findings, measurements);
    }

    /** Refused, nothing was changed. */
    public static Done rejected(Reason reason) {
        return new Done(Outcome.REJECTED, Optional.empty(), Optional.of(reason), List.of(), List.of());
    }

    /** Refused, nothing was changed; the report says what was looked at. */
    public static Done rejected(Reason reason, Object report) {
        return new Done(Outcome.REJECTED, Optional.of(report), Optional.of(reason), List.of(), List.of());
    }

    /** Others held what was needed, nothing was changed. */
    public static Done contended(Reason reason) {
        return new Done(Outcome.CONTENDED, Optional.empty(), Optional.of(reason), List.of(), List.of());
    }
}
