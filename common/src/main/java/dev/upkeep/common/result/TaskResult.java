package dev.upkeep.common.result;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.common.Check;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How one task of a command ended. Readers need no knowledge of the task: its parameters and report are plain JSON.
 *
 * @param task the task's wire name
 * @param parameters the task as it was ordered
 * @param report what it found or did, if it got so far
 * @param truncated whether report, findings or measurements were cut to fit a record
 */
public record TaskResult(
        String task,
        JsonNode parameters,
        Outcome outcome,
        Optional<Reason> reason,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt,
        Optional<JsonNode> report,
        List<Finding> findings,
        List<Measurement> measurements,
        boolean truncated) {
    public TaskResult {
        Check.line("task", task, 64);
        Check.present("parameters", parameters);
        Check.present("outcome", outcome);
        findings = Check.list("findings", findings);
        measurements = Check.list("measurements", measurements);
    }
}
