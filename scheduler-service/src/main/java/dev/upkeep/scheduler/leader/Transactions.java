package dev.upkeep.scheduler.leader;

import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.Lane;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.sign.Signer;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.scheduler.fleet.Fleet;
import dev.upkeep.scheduler.run.Run;
import dev.upkeep.scheduler.run.RunPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Writes emissions, each in one transaction that also commits the group's offsets with the group's current membership: a
 * replica that has lost its place in the group cannot write any more (KIP-447).
 *
 * <p>For one thread. A record that is too large leaves nothing written, and this object as good as before. A {@link KafkaException} leaves this object unusable; whether the last emission was written is then only
 * known from the topics.
 */
@SuppressWarnings("FutureReturnValueIgnored") // committing the transaction throws what any of its sends met
final class Transactions implements AutoCloseable {
    private static final int COMMIT_TRIES = 3;

    private final KafkaProducer<String, byte[]> producer;
    private final Records records;
    private final Fleet fleet;
    private final int lanes;
    private final Optional<Signer> signer;

    Transactions(Admin admin, KafkaSettings kafka, LeaderSettings settings, Records records, Fleet fleet) {
        Map<String, Object> config = kafka.producer();
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, settings.transactionalId());
        config.putIfAbsent(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 15_000);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 20_000);
        if (!kafka.further().containsKey(ProducerConfig.BATCH_SIZE_CONFIG)) {
            config.put(ProducerConfig.BATCH_SIZE_CONFIG, BatchBytes.of(admin, kafka));
        }
        this.producer = new KafkaProducer<>(config);
        this.records = records;
        this.fleet = fleet;
        this.signer = settings.signer();
        producer.initTransactions();
        this.lanes = producer.partitionsFor(kafka.topics().name(Topic.COMMANDS)).size();
    }

    /**
     * What came of writing an emission.
     *
     * @param isWritten if not, nothing was: this replica's place in the group has changed, of which the group tells more at its next
     *     poll, or something was too large
     * @param oversized records that are too large; there may be more of them
     */
    record Attempt(boolean isWritten, List<Oversize> oversized) {}

    /** Writes all of it, or nothing. */
    Attempt write(
            Emission emission,
            Map<TopicPartition, OffsetAndMetadata> offsets,
            ConsumerGroupMetadata membership,
            Instant now) {
        List<Oversize> oversized = Collections.synchronizedList(new ArrayList<>());
        producer.beginTransaction();
        try {
            send(emission, now, oversized);
            if (oversized.isEmpty()) {
                producer.sendOffsetsToTransaction(offsets, membership);
                commit();
                return new Attempt(true, List.of());
            }
        } catch (CommitFailedException e) {
            producer.abortTransaction();
            return new Attempt(false, List.of());
        } catch (KafkaException e) {
            if (!isTooLarge(e)) {
                throw e;
            }
        }
        producer.abortTransaction(); // afterwards all sends have been answered
        if (oversized.isEmpty()) {
            throw new KafkaException("a record is too large, and it is not known which");
        }
        return new Attempt(false, List.copyOf(oversized));
    }

    private void send(Emission emission, Instant now, List<Oversize> oversized) {
        for (Emission.Piece piece : emission.pieces()) {
            for (int part : piece.parts()) {
                send(
                        record(piece.run().state(part, now), piece.run()),
                        "run-state",
                        oversized,
                        (fitting, why) -> fitting.lessen(piece.run(), part, why));
            }
        }
        for (Command command : emission.commands()) {
            send(record(command, emission), "command", oversized, (fitting, why) -> fitting.refuse(command, why));
        }
        for (Cancel cancel : emission.cancels()) {
            send(record(cancel), "cancel", oversized, (fitting, why) -> fitting.leaveOut(cancel, why));
        }
        for (Run run : emission.repeated()) {
            send(
                    record(run.state(0, run.head().at()), run),
                    "run-state",
                    oversized,
                    (fitting, why) -> fitting.leaveOutRepeated(run, why));
        }
        for (Control control : emission.controls()) {
            send(
                    records.of(Message.CONTROL, control, Optional.empty()),
                    "control",
                    oversized,
                    (fitting, why) -> fitting.leaveOut(control, why));
        }
        for (Emission.DeadLetter letter : emission.deadLetters()) {
            send(
                    letter.isShort()
                            ? records.shortDeadLetter(letter.record(), letter.reason())
                            : records.deadLetter(letter.record(), letter.reason()),
                    "dead-letter",
                    oversized,
                    (fitting, why) -> fitting.lessen(letter, why));
        }
    }

    private void send(
            ProducerRecord<String, byte[]> record,
            String kind,
            List<Oversize> oversized,
            BiConsumer<Fitting, Oversize> remedy) {
        int bytes = record.value().length;
        if (bytes > Wire.LARGEST_READ) {
            oversized.add(new Oversize(kind, record.topic(), bytes, remedy));
        }
        if (oversized.isEmpty()) {
            producer.send(record, (metadata, failure) -> {
                if (isTooLarge(failure)) {
                    oversized.add(new Oversize(kind, record.topic(), bytes, remedy));
                }
            });
        }
    }

    private static boolean isTooLarge(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RecordTooLargeException) {
                return true;
            }
        }
        return false;
    }

    private void commit() {
        for (int attempt = 1; ; attempt++) {
            try {
                producer.commitTransaction();
                return;
            } catch (TimeoutException e) {
                if (attempt == COMMIT_TRIES) {
                    throw e;
                }
            }
        }
    }

    private ProducerRecord<String, byte[]> record(Command command, Emission emission) {
        Optional<String> trace = emission.pieces().stream()
                .map(Emission.Piece::run)
                .filter(run -> run.head().id().equals(command.run()))
                .findFirst()
                .flatMap(run -> run.head().plan().traceparent());
        return signed(records.of(Message.COMMAND, command, lane(command.executor()), trace));
    }

    private ProducerRecord<String, byte[]> record(Cancel cancel) {
        return signed(records.of(Message.CANCEL, cancel, lane(cancel.executor()), Optional.empty()));
    }

    private ProducerRecord<String, byte[]> signed(ProducerRecord<String, byte[]> record) {
        signer.ifPresent(key -> key.sign(record));
        return record;
    }

    private ProducerRecord<String, byte[]> record(RunState state, Run run) {
        ProducerRecord<String, byte[]> record =
                records.of(Message.RUN_STATE, state, run.head().plan().traceparent());
        if (state.part() == 0) {
            record.headers().add(RunPlan.HEADER, Wire.write(run.head().plan()));
        }
        return record;
    }

    /** The lane that the executor says it reads; the one it should read if it never said, or said one that is not there. */
    private int lane(ExecutorId executor) {
        return fleet.find(executor)
                .map(registration -> registration.lane().number())
                .filter(lane -> lane < lanes)
                .orElseGet(() -> Lane.of(executor, lanes).number());
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(3));
    }
}
