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
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Writes emissions, each in one transaction that also commits the group's offsets with the group's current membership: a
 * replica that has lost its place in the group cannot write any more (KIP-447).
 *
 * <p>For one thread. A {@link KafkaException} leaves this object unusable; whether the last emission was written is then only
 * known from the topics.
 */
@SuppressWarnings("FutureReturnValueIgnored") // committing the transaction throws what any of its sends met
final class Transactions implements AutoCloseable {
    private static final int COMMIT_TRIES = 3;

    /** Several parts of runs go in one batch: a request holds one batch per partition, and all runs share a partition. */
    private static final int BATCH_BYTES = 256 * 1024;

    private final KafkaProducer<String, byte[]> producer;
    private final Records records;
    private final Fleet fleet;
    private final int lanes;
    private final Optional<Signer> signer;

    Transactions(KafkaSettings kafka, LeaderSettings settings, Records records, Fleet fleet) {
        Map<String, Object> config = kafka.producer();
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, settings.transactionalId());
        config.putIfAbsent(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 15_000);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 20_000);
        if (!kafka.further().containsKey(ProducerConfig.BATCH_SIZE_CONFIG)) {
            config.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        }
        this.producer = new KafkaProducer<>(config);
        this.records = records;
        this.fleet = fleet;
        this.signer = settings.signer();
        producer.initTransactions();
        this.lanes = producer.partitionsFor(kafka.topics().name(Topic.COMMANDS)).size();
    }

    /**
     * Writes all of it, or nothing.
     *
     * @return false if this replica's place in the group has changed; nothing was written then, and the group tells more at
     *     its next poll
     */
    boolean write(
            Emission emission,
            Map<TopicPartition, OffsetAndMetadata> offsets,
            ConsumerGroupMetadata membership,
            Instant now) {
        producer.beginTransaction();
        try {
            emission.commands().forEach(command -> send(command, emission));
            emission.cancels().forEach(this::send);
            for (Emission.Piece piece : emission.pieces()) {
                piece.parts().forEach(part -> send(piece.run().state(part, now), piece.run()));
            }
            emission.repeated().forEach(run -> send(run.state(0, run.head().at()), run));
            for (Control control : emission.controls()) {
                producer.send(records.of(Message.CONTROL, control, Optional.empty()));
            }
            emission.deadLetters()
                    .forEach(letter -> producer.send(records.deadLetter(letter.record(), letter.reason())));
            producer.sendOffsetsToTransaction(offsets, membership);
        } catch (CommitFailedException e) {
            producer.abortTransaction();
            return false;
        }
        commit();
        return true;
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

    private void send(Command command, Emission emission) {
        Optional<String> trace = emission.pieces().stream()
                .map(Emission.Piece::run)
                .filter(run -> run.head().id().equals(command.run()))
                .findFirst()
                .flatMap(run -> run.head().plan().traceparent());
        producer.send(signed(records.of(Message.COMMAND, command, lane(command.executor()), trace)));
    }

    private void send(Cancel cancel) {
        producer.send(signed(records.of(Message.CANCEL, cancel, lane(cancel.executor()), Optional.empty())));
    }

    private ProducerRecord<String, byte[]> signed(ProducerRecord<String, byte[]> record) {
        signer.ifPresent(key -> key.sign(record));
        return record;
    }

    private void send(RunState state, Run run) {
        ProducerRecord<String, byte[]> record =
                records.of(Message.RUN_STATE, state, run.head().plan().traceparent());
        if (state.part() == 0) {
            record.headers().add(RunPlan.HEADER, Wire.write(run.head().plan()));
        }
        producer.send(record);
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
