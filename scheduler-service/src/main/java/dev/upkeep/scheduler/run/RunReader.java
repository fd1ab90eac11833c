package dev.upkeep.scheduler.run;

import dev.upkeep.common.id.RunId;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts runs together again from the records of the runs topic. A run of which a part is missing, since the topic's retention
 * has taken it, is passed over. For one thread.
 */
public final class RunReader {
    private static final Logger LOG = LoggerFactory.getLogger(RunReader.class);

    /** The parts of one run, as far as they have come. */
    private static final class Assembly {
        private @Nullable RunHead head;
        private @Nullable List<Target>[] parts;

        Assembly(int parts) {
            this.parts = empty(parts);
        }

        @SuppressWarnings("unchecked") // an array of lists of one type, which never leaves this class
        private static @Nullable List<Target>[] empty(int parts) {
            return (List<Target>[]) new List<?>[parts];
        }

        Optional<Run> whole() {
            List<List<Target>> all = new ArrayList<>();
            for (List<Target> part : parts) {
                if (part == null) {
                    return Optional.empty();
                }
                all.add(part);
            }
            return Optional.ofNullable(head).map(complete -> Run.ofParts(complete, all));
        }
    }

    private final RunBook book;
    private final Map<RunId, Assembly> assemblies = new HashMap<>();

    /** Reads into this book. */
    public RunReader(RunBook book) {
        this.book = book;
    }

    /** Takes the next records of the topic, in their order. */
    public void read(Iterable<ConsumerRecord<String, byte[]>> records) {
        Map<RunId, Assembly> touched = new HashMap<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            if (record.value() != null) {
                try {
                    RunState state = Records.read(record, Message.RUN_STATE);
                    touched.put(state.run(), place(state, record));
                } catch (Unreadable e) {
                    LOG.warn("run state at offset {} passed over: {}", record.offset(), e.reason());
                }
            }
        }
        touched.forEach((id, assembly) -> assembly.whole().ifPresent(run -> {
            book.written(run);
            if (run.isOver()) {
                assemblies.remove(id);
            }
        }));
    }

    private Assembly place(RunState state, ConsumerRecord<String, byte[]> record) throws Unreadable {
        Assembly assembly = assemblies.computeIfAbsent(state.run(), id -> begun(id, state.parts()));
        if (assembly.parts.length != state.parts()) {
            assembly.parts = Assembly.empty(state.parts());
        }
        assembly.parts[state.part()] = state.targets();
        if (state.part() == 0) {
            Header plan = record.headers().lastHeader(RunPlan.HEADER);
            assembly.head = RunHead.of(state, plan == null ? RunPlan.NONE : Wire.read(plan.value(), RunPlan.class));
        }
        return assembly;
    }

    private Assembly begun(RunId id, int parts) {
        Assembly assembly = new Assembly(parts);
        Optional<Run> known = book.find(id).filter(run -> run.parts().size() == parts);
        known.ifPresent(run -> {
            assembly.head = run.head();
            for (int part = 0; part < parts; part++) {
                assembly.parts[part] = run.parts().get(part);
            }
        });
        return assembly;
    }

    /** Whether nothing is half put together; for tests and for logs. */
    int unfinished() {
        return (int) assemblies.values().stream()
                .filter(assembly -> Arrays.asList(assembly.parts).contains(null))
                .count();
    }
}
