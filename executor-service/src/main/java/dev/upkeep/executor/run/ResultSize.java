package dev.upkeep.executor.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.wire.Wire;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Keeps results within {@link Wire#LARGEST_WRITTEN}: first the least severe findings and the last measurements go, then the
 * report; what was cut says so.
 */
final class ResultSize {
    private static final int[] MOST = {1_000, 200, 50, 10, 0};
    private static final int LARGEST_STEP = Wire.LARGEST_WRITTEN - 8 * 1024;

    private ResultSize() {}

    static TaskResult fitted(TaskResult result) {
        TaskResult fitted = result;
        for (int i = 0; i < MOST.length && Wire.write(fitted).length > LARGEST_STEP; i++) {
            fitted = cut(result, MOST[i], MOST[i] > 0);
        }
        return fitted;
    }

    static Result fitted(Result result) {
        Result fitted = result;
        for (int i = 0; i < MOST.length && Wire.write(fitted).length > Wire.LARGEST_WRITTEN; i++) {
            int most = MOST[i];
            boolean keepReport = i < MOST.length - 2;
            fitted = with(
                    result,
                    result.tasks().stream()
                            .map(task -> cut(task, most, keepReport))
                            .toList());
        }
        return fitted;
    }

    private static TaskResult cut(TaskResult result, int most, boolean keepReport) {
        List<Finding> findings = result.findings().stream()
                .sorted(Comparator.comparing(Finding::severity).reversed())
                .limit(most)
                .toList();
        List<Measurement> measurements =
                result.measurements().stream().limit(most).toList();
        Optional<JsonNode> report = keepReport ? result.report() : Optional.empty();
        boolean isCut = findings.size() < result.findings().size()
                || measurements.size() < result.measurements().size()
                || !report.equals(result.report());
        return new TaskResult(
                result.task(),
                result.parameters(),
                result.outcome(),
                result.reason(),
                result.startedAt(),
                result.endedAt(),
                report,
                findings,
                measurements,
                result.truncated() || isCut);
    }

    private static Result with(Result result, List<TaskResult> tasks) {
        return new Result(
                result.command(),
                result.run(),
                result.origin(),
                result.database(),
                result.executor(),
                result.asOf(),
                result.dryRun(),
                result.outcome(),
                result.reasons(),
                result.attempts(),
                result.receivedAt(),
                result.startedAt(),
                result.endedAt(),
                tasks);
    }
}
