package dev.upkeep.executor.intake;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.fleet.Lane;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.sign.Verifier;
import dev.upkeep.executor.guardrail.Guardrails;
import dev.upkeep.executor.journal.Journal;
import dev.upkeep.executor.run.Dispatcher;
import dev.upkeep.executor.run.Host;
import java.time.Instant;
import java.util.Optional;

/**
 * Puts the parts of the intake together.
 *
 * @param verifier present if only signed commands are taken
 */
public record Intakes(
        Host host, Guardrails guardrails, Optional<Verifier> verifier, KafkaSettings kafka, Records records) {
    /** A reader of this lane. */
    public LaneReader reader(Lane lane, Journal journal, Dispatcher dispatcher, Runnable onOutbox) {
        Admission admission = new Admission(host, guardrails, journal.born());
        Intake intake = new Intake(host, admission, verifier, records);
        return new LaneReader(kafka, lane, "upkeep-executor-" + host.executor(), intake, journal, dispatcher, onOutbox);
    }

    /** Why a command that a person gives on this host is not taken; the same decision as for one from the lane. */
    public static Optional<Reason> refusal(Host host, Guardrails guardrails, Command command) {
        return new Admission(host, guardrails, Instant.EPOCH).refusal(command).map(Admission.Refusal::reason);
    }
}
