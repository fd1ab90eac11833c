package dev.upkeep.scheduler.leader;

import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.result.Reason;
import dev.upkeep.scheduler.run.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** What one transaction writes: all of it or nothing. Filled by one thread. */
final class Emission {
    private final List<Piece> pieces = new ArrayList<>();
    private final List<Run> repeated = new ArrayList<>();
    private final List<Command> commands = new ArrayList<>();
    private final List<Cancel> cancels = new ArrayList<>();
    private final List<Control> controls = new ArrayList<>();
    private final List<DeadLetter> deadLetters = new ArrayList<>();
    private OptionalLong requestOffset = OptionalLong.empty();
    private Map<TopicPartition, OffsetAndMetadata> results = Map.of();

    /** A record that could not be read, and why; the short form leaves out what it said. */
    record DeadLetter(ConsumerRecord<String, byte[]> record, Reason reason, boolean isShort) {}

    /** Parts of a run that are written, in this order. */
    record Piece(Run run, List<Integer> parts) {}

    Emission run(Run run, List<Integer> parts) {
        pieces.add(new Piece(run, parts));
        return this;
    }

    Emission repeat(Run run) {
        repeated.add(run);
        return this;
    }

    Emission commands(List<Command> more) {
        commands.addAll(more);
        return this;
    }

    Emission cancels(List<Cancel> more) {
        cancels.addAll(more);
        return this;
    }

    Emission control(Control control) {
        controls.add(control);
        return this;
    }

    Emission deadLetter(DeadLetter letter) {
        deadLetters.add(letter);
        return this;
    }

    /** All requests before this offset are done. */
    Emission requestsUpTo(long offset) {
        requestOffset = OptionalLong.of(offset);
        return this;
    }

    /** All results before these offsets are in the runs as they stand on the topic with this. */
    Emission resultsUpTo(Map<TopicPartition, OffsetAndMetadata> offsets) {
        results = offsets;
        return this;
    }

    List<Piece> pieces() {
        return pieces;
    }

    List<Run> repeated() {
        return repeated;
    }

    List<Command> commands() {
        return commands;
    }

    List<Cancel> cancels() {
        return cancels;
    }

    List<Control> controls() {
        return controls;
    }

    List<DeadLetter> deadLetters() {
        return deadLetters;
    }

    OptionalLong requestOffset() {
        return requestOffset;
    }

    Map<TopicPartition, OffsetAndMetadata> results() {
        return results;
    }
}
