package dev.upkeep.executor.intake;

import dev.upkeep.common.Sha256;
import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.sign.Verifier;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.journal.Arrival;
import dev.upkeep.executor.run.Host;
import dev.upkeep.executor.run.Identity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;

/**
 * Turns records of the lane into what the journal is to keep. Records for other executors are dropped before they are parsed. No
 * record, whatever is in it, makes this throw.
 */
final class Intake {
    private static final Logger LOG = Logger.getLogger(Intake.class);

    private final Host host;
    private final Admission admission;
    private final Optional<Verifier> verifier;
    private final Records records;

    /** @param verifier present if only signed commands are taken */
    Intake(Host host, Admission admission, Optional<Verifier> verifier, Records records) {
        this.host = host;
        this.admission = admission;
        this.verifier = verifier;
        this.records = records;
    }

    List<Arrival> read(Iterable<ConsumerRecord<String, byte[]>> polled) {
        List<Arrival> arrivals = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : polled) {
            if (host.executor().text().equals(record.key())) {
                arrivals.addAll(readOrKeep(record));
            }
        }
        return arrivals;
    }

    /** A record that trips over a defect of ours becomes a dead letter, so that it does not stand in the way of the next. */
    private List<Arrival> readOrKeep(ConsumerRecord<String, byte[]> record) {
        try {
            return read(record);
        } catch (RuntimeException e) {
            LOG.errorf(e, "a defect of Upkeep: the record at offset %d could not be taken", record.offset());
            return unread(record, new Reason(Code.INTERNAL, "a defect of Upkeep: " + e));
        }
    }

    private List<Arrival> read(ConsumerRecord<String, byte[]> record) {
        if (record.value() != null && record.value().length > Wire.LARGEST_READ) {
            return unread(
                    record,
                    new Reason(
                            Code.OVERSIZED,
                            "the command has " + record.value().length + " bytes; at most " + Wire.LARGEST_READ
                                    + " are read"));
        }
        Optional<Reason> untrusted = verifier.flatMap(known -> known.problem(record));
        String type = Records.header(record.headers(), Records.TYPE).orElse(Message.COMMAND.eventType());
        try {
            if (type.equals(Message.CANCEL.eventType())) {
                Cancel cancel = Records.read(record, Message.CANCEL);
                return untrusted.isPresent() ? unread(record, untrusted.get()) : List.of(new Arrival.Cancelled(cancel));
            }
            if (!type.equals(Message.COMMAND.eventType())) {
                return unread(record, new Reason(Code.INVALID, "the header ce_type is neither command nor cancel"));
            }
            Command command = Records.read(record, Message.COMMAND);
            // what cannot be believed must not take the id: the genuine command may still come
            return untrusted.isPresent()
                    ? unread(record, untrusted.get())
                    : List.of(ordered(record, command, admission.refusal(command)));
        } catch (Unreadable e) {
            return untrusted.isPresent() ? unread(record, untrusted.get()) : unreadable(record, e.reason());
        }
    }

    private Arrival ordered(
            ConsumerRecord<String, byte[]> record, Command command, Optional<Admission.Refusal> refusal) {
        return new Arrival.Ordered(
                command.id(),
                record.value(),
                // sent again, since its first sending may have been lost, it differs in nothing but the time of issue
                Sha256.hex(Wire.write(command.issuedAt(Instant.EPOCH))),
                trace(record),
                refusal.map(why -> refused(record, Identity.of(command), why.outcome(), why.reason())),
                conflict(record, command.id().text()));
    }

    private List<Arrival> unreadable(ConsumerRecord<String, byte[]> record, Reason reason) {
        List<Arrival> arrivals = new ArrayList<>(unread(record, reason));
        Optional<Identity> identity = record.value() == null ? Optional.empty() : Identity.of(record.value());
        identity.ifPresent(known -> arrivals.add(new Arrival.Ordered(
                known.id(),
                record.value(),
                Sha256.hex(record.value()),
                trace(record),
                Optional.of(refused(record, known, Outcome.REJECTED, reason)),
                conflict(record, known.id().text()))));
        return arrivals;
    }

    private ProducerRecord<String, byte[]> refused(
            ConsumerRecord<String, byte[]> record, Identity identity, Outcome outcome, Reason reason) {
        return records.of(
                Message.RESULT,
                identity.refused(host.executor(), outcome, reason, host.clock().instant()),
                trace(record));
    }

    private ProducerRecord<String, byte[]> conflict(ConsumerRecord<String, byte[]> record, String id) {
        return records.deadLetter(
                record,
                new Reason(
                        Code.ID_CONFLICT,
                        "another command already has the id " + id + "; this one was not carried out"));
    }

    private List<Arrival> unread(ConsumerRecord<String, byte[]> record, Reason reason) {
        return List.of(new Arrival.Unread(records.deadLetter(record, reason)));
    }

    private static Optional<String> trace(ConsumerRecord<String, byte[]> record) {
        return Records.header(record.headers(), Records.TRACEPARENT);
    }
}
