package dev.upkeep.scheduler.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts runs together again from the records of the runs topic. Of each part only the newest record is read, and only once its run
 * is over or the reader has come to the end of the topic: a run that was written a hundred times is read once. Runs that ended
 * before a given time are passed over unless they are remembered for longer, such as those of requests. A run of which a part is
 * missing, since the topic's retention has taken it or its leader died while writing it, is passed over too. For one thread.
 */
public final class RunReader {
    private static final Logger LOG = LoggerFactory.getLogger(RunReader.class);
    private static final JsonFactory JSON = new JsonFactory();
    private static final String OPEN = EnumText.of(RunState.Status.ACCEPTED);

    /** The newest records of one run that have not been read, and its parts as they were read before. */
    private static final class Assembly {
        private final Map<Integer, ConsumerRecord<String, byte[]>> fresh = new TreeMap<>();
        private @Nullable Run run;
    }

    private final RunBook book;
    private final Instant since;
    private final Set<String> only;
    private final Map<String, Assembly> assemblies = new HashMap<>();
    private final Set<String> touched = new HashSet<>();

    /**
     * Reads into this book.
     *
     * @param since runs that ended before it are passed over, if the book need not remember them for longer
     */
    public RunReader(RunBook book, Instant since) {
        this(book, since, Set.of());
    }

    private RunReader(RunBook book, Instant since, Set<String> only) {
        this.book = book;
        this.since = since;
        this.only = only;
    }

    /** Reads these runs into the book however long ago they ended, and passes over all others. */
    public static RunReader of(RunBook book, Collection<RunId> runs) {
        return new RunReader(book, Instant.MIN, runs.stream().map(RunId::text).collect(Collectors.toSet()));
    }

    /** Takes the next records of the topic, in their order. */
    public void read(Iterable<ConsumerRecord<String, byte[]>> records) {
        for (ConsumerRecord<String, byte[]> record : records) {
            if (record.key() != null && record.value() != null) {
                take(record);
            }
        }
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        int mark = record.key().indexOf('#');
        String run = mark < 0 ? record.key() : record.key().substring(0, mark);
        int part = mark < 0 ? 0 : number(record.key().substring(mark + 1));
        if (!only.isEmpty() && !only.contains(run)) {
            return;
        }
        if (part < 0 || !isRun(run)) {
            LOG.warn("run state at offset {} passed over: its key {} is none", record.offset(), record.key());
            return;
        }
        assemblies.computeIfAbsent(run, id -> new Assembly()).fresh.put(part, record);
        touched.add(run);
        if (part == 0 && !isOpen(record.value())) {
            if (isForgotten(record)) {
                assemblies.remove(run);
            } else {
                settle(run);
            }
            touched.remove(run);
        }
    }

    private static boolean isRun(String id) {
        try {
            return new RunId(id).text().equals(id);
        } catch (InvalidValue e) {
            return false;
        }
    }

    private static int number(String text) {
        return text.matches("\\d{1,7}") ? Integer.parseInt(text) : -1;
    }

    /** Whether the run may still go on, by the field that says so, without reading the rest. */
    private static boolean isOpen(byte[] value) {
        try (JsonParser json = JSON.createParser(value)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean isStatus = json.currentName().equals("status");
                json.nextToken();
                if (isStatus) {
                    return OPEN.equals(json.getText());
                }
                json.skipChildren();
            }
        } catch (IOException e) {
            LOG.debug("not JSON; said when it is read", e);
        }
        return false;
    }

    private boolean isForgotten(ConsumerRecord<String, byte[]> record) {
        if (!only.isEmpty() || record.timestamp() >= since.toEpochMilli()) {
            return false;
        }
        try {
            RunPlan plan = plan(record);
            return plan.digest().isEmpty() && !plan.reaction();
        } catch (Unreadable e) {
            return true;
        }
    }

    /** Puts all that was taken into the book: to be called when the end of the topic has been reached. */
    public void settle() {
        List.copyOf(touched).forEach(this::settle);
        touched.clear();
    }

    private void settle(String id) {
        Assembly assembly = assemblies.get(id);
        if (assembly == null) {
            return;
        }
        if (assembly.run == null) {
            assembly.run = book.find(new RunId(id))
                    .filter(known -> only.isEmpty() || !known.isWithoutDetails())
                    .orElse(null);
        }
        Run before = assembly.run;
        RunHead head = before == null ? null : before.head();
        Map<Integer, List<Target>> parts = new TreeMap<>();
        int count = before == null ? 0 : before.parts().size();
        if (before != null) {
            for (int part = 0; part < count; part++) {
                parts.put(part, before.parts().get(part));
            }
        }
        for (ConsumerRecord<String, byte[]> record : byOffset(assembly)) {
            try {
                RunState state = Records.read(record, Message.RUN_STATE);
                if (!state.key().equals(record.key())) {
                    throw Unreadable.of(Code.INVALID, "it is about " + state.key() + ", not about its key");
                }
                if (state.parts() != count) {
                    parts.clear();
                    head = null;
                    count = state.parts();
                }
                parts.put(state.part(), state.targets());
                head = state.part() == 0 ? RunHead.of(state, plan(record)) : head;
            } catch (Unreadable e) {
                LOG.warn("run state at offset {} passed over: {}", record.offset(), e.reason());
            }
        }
        if (head == null || parts.size() < count) {
            if (before != null && before.isOver()) {
                assemblies.remove(id); // a late word on a run whose details were let go
            }
            return; // else the rest may still come
        }
        assembly.fresh.clear();
        if (!isSound(head, List.copyOf(parts.values()))) {
            LOG.warn(
                    "run {} passed over: its parts, or the times of an open run, are not as a scheduler writes them",
                    id);
            assemblies.remove(id);
            return;
        }
        Run run = Run.ofParts(head, new ArrayList<>(parts.values()));
        assembly.run = run;
        book.written(run);
        if (run.isOver()) {
            assemblies.remove(id);
        }
    }

    /** Whether it can be worked with: each part but the last is full, as positions are counted by parts, and an open run has its times. */
    private static boolean isSound(RunHead head, List<List<Target>> parts) {
        int last = parts.size() - 1;
        return parts.subList(0, last).stream().allMatch(part -> part.size() == Run.PART)
                && parts.get(last).size() <= Run.PART
                && (head.status() != RunState.Status.ACCEPTED || head.validity().isPresent());
    }

    private static List<ConsumerRecord<String, byte[]>> byOffset(Assembly assembly) {
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>(assembly.fresh.values());
        records.sort((a, b) -> Long.compare(a.offset(), b.offset()));
        return records;
    }

    private static RunPlan plan(ConsumerRecord<String, byte[]> record) throws Unreadable {
        Header plan = record.headers().lastHeader(RunPlan.HEADER);
        return plan == null ? RunPlan.NONE : Wire.read(plan.value(), RunPlan.class);
    }
}
