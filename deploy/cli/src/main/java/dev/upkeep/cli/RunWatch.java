package dev.upkeep.cli;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.common.wire.Unreadable;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Follows one run on the runs topic, from the moment it is made, and prints each database as it ends. */
final class RunWatch implements AutoCloseable {
    private final KafkaConsumer<String, byte[]> consumer;
    private final RunId run;
    private final Map<Integer, RunState> parts = new HashMap<>();
    private final Set<DatabaseId> shown = new HashSet<>();
    private boolean isVerdictShown;

    RunWatch(KafkaSettings settings, RunId run) {
        this.run = run;
        this.consumer = new KafkaConsumer<>(settings.consumer());
        TopicPartition partition = new TopicPartition(settings.topics().name(Topic.RUNS), 0);
        consumer.assign(List.of(partition));
        consumer.seekToEnd(List.of(partition));
        consumer.position(partition);
    }

    Optional<RunState.Status> untilEnd(Duration patience, PrintWriter out) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() < deadline) {
            for (ConsumerRecord<String, byte[]> next : consumer.poll(Duration.ofMillis(200))) {
                boolean isOurs = next.key() != null
                        && (next.key().equals(run.text()) || next.key().startsWith(run.text() + "#"));
                if (isOurs && next.value() != null) {
                    see(next, out);
                }
            }
            out.flush();
            Optional<RunState> head = Optional.ofNullable(parts.get(0));
            if (head.isPresent()
                    && head.get().status() != RunState.Status.ACCEPTED
                    && parts.size() == head.get().parts()) {
                return Optional.of(head.get().status());
            }
        }
        return Optional.empty();
    }

    boolean endedWell() {
        return parts.values().stream()
                .flatMap(part -> part.targets().stream())
                .allMatch(target ->
                        target.outcome().isPresent() && target.outcome().get().isGood());
    }

    private void see(ConsumerRecord<String, byte[]> next, PrintWriter out) {
        RunState state;
        try {
            state = Records.read(next, Message.RUN_STATE);
        } catch (Unreadable e) {
            out.println("a state of the run could not be read: " + e.getMessage());
            return;
        }
        parts.put(state.part(), state);
        if (!isVerdictShown) {
            isVerdictShown = true;
            out.printf("%s, %d databases%s%n", EnumText.of(state.status()), state.databases(), why(state.reasons()));
        }
        for (Target target : state.targets()) {
            if (target.outcome().isPresent() && shown.add(target.database())) {
                out.printf(
                        "%-40s %-16s%s%n",
                        target.database(), EnumText.of(target.outcome().get()), why(target.reasons()));
            }
        }
    }

    private static String why(List<Reason> reasons) {
        return reasons.isEmpty()
                ? ""
                : reasons.stream().map(Reason::toString).collect(Collectors.joining("; ", "  ", ""));
    }

    @Override
    public void close() {
        consumer.close();
    }
}
