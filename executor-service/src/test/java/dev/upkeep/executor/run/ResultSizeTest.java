package dev.upkeep.executor.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ResultSizeTest {
    private static TaskResult result(int findings, int measurements, int reportLines) {
        List<Finding> found = new ArrayList<>();
        for (int i = 0; i < findings; i++) {
            Severity severity = i == findings - 1 ? Severity.CRITICAL : Severity.INFO;
            found.add(new Finding("check", severity, "table_" + i, "v".repeat(100), "t", "built-in", "a".repeat(200)));
        }
        return new TaskResult(
                "assess",
                Wire.tree(Map.of("type", "assess")),
                Outcome.SUCCEEDED,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(Wire.tree(Map.of(
                        "lines",
                        IntStream.range(0, reportLines)
                                .mapToObj(i -> "x".repeat(100))
                                .toList()))),
                found,
                IntStream.range(0, measurements)
                        .mapToObj(i -> Measurement.gauge("size", "bytes", i, Map.of("table", "t" + i)))
                        .toList(),
                false);
    }

    @Test
    void leavesASmallResultAsItIs() {
        TaskResult small = result(10, 10, 10);

        assertThat(ResultSize.fitted(small)).isSameAs(small);
    }

    @Test
    void cutsTheLeastSevereAndSaysSo() {
        TaskResult fitted = ResultSize.fitted(result(5_000, 5_000, 10));

        assertThat(Wire.write(fitted)).hasSizeLessThanOrEqualTo(Wire.LARGEST_WRITTEN);
        assertThat(fitted.truncated()).isTrue();
        assertThat(fitted.findings().get(0).severity()).isEqualTo(Severity.CRITICAL);
        assertThat(fitted.report()).isPresent();
    }

    @Test
    void dropsAReportThatFitsInNoWay() {
        TaskResult fitted = ResultSize.fitted(result(1, 1, 10_000));

        assertThat(Wire.write(fitted)).hasSizeLessThanOrEqualTo(Wire.LARGEST_WRITTEN);
        assertThat(fitted.report()).isEmpty();
        assertThat(fitted.truncated()).isTrue();
    }
}
