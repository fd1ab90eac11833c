package dev.upkeep.executor.journal;

import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.id.CommandId;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/** What a record from the lane comes to in the journal. */
public sealed interface Arrival {
    /**
     * A command.
     *
     * @param body as it came
     * @param hash of what it says; tells a repeat from another command under the same id
     * @param refusal its result, if it is not to be run
     * @param conflict the dead letter to write if the id is taken by another command
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes as they came from the broker; nobody changes or compares them
    record Ordered(
            CommandId id,
            byte[] body,
            String hash,
            Optional<String> traceparent,
            Optional<ProducerRecord<String, byte[]>> refusal,
            ProducerRecord<String, byte[]> conflict)
            implements Arrival {}

    /** The order to stop a command. */
    record Cancelled(Cancel cancel) implements Arrival {}

    /** What could not be read, and has no id to answer under. */
    record Unread(ProducerRecord<String, byte[]> deadLetter) implements Arrival {}

    /** What became of an arrival. */
    enum Effect {
        /** A new command, to be run. */
        ACCEPTED,
        /** A new command, ended at once with its refusal. */
        REFUSED,
        /** Known already: its result, if there is one, goes out again. */
        REPEATED,
        /** Another command had the id: nothing but a dead letter. */
        CONFLICT,
        /** A cancel that hit a command which had not ended. */
        CANCELLED,
        /** Nothing to be done but what was written. */
        NONE
    }
}
