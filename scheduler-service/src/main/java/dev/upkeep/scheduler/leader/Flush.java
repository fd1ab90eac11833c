package dev.upkeep.scheduler.leader;

import dev.upkeep.common.id.RunId;
import dev.upkeep.scheduler.run.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Writes how far runs are, in cycles. A cycle notes the offsets of the results that have been taken in and the parts of runs that
 * have changed; it writes these parts, a slice at a time, as they are by then; with the last slice it commits the offsets. A
 * result is therefore read again by the next leader unless all that it changed is on the topic; reading it twice changes nothing.
 *
 * <p>The more there is to write, the rarer it is done: at most a tenth of the time and 20 parts per second, so that a large run
 * does not fill the runs topic with versions of itself. For one thread.
 */
final class Flush {
    private static final Duration CYCLE = Duration.ofMillis(500);
    private static final Duration LONGEST = Duration.ofSeconds(2);
    private static final Duration PER_PART = Duration.ofMillis(50);

    private final World world;
    private final Writer writer;
    private final ResultFeed results;
    private final Pace pace = new Pace();
    private final Deque<Part> left = new ArrayDeque<>();
    private Optional<Map<TopicPartition, OffsetAndMetadata>> offsets = Optional.empty();

    private record Part(RunId run, int part) {}

    Flush(World world, Writer writer, ResultFeed results) {
        this.world = world;
        this.writer = writer;
        this.results = results;
    }

    /**
     * Writes the next slice if it is time to.
     *
     * @param isAnswered whether what the results so far call for has been written; if not, they do not count as done
     */
    void step(boolean isAnswered, Instant now) {
        if (!pace.isDue()) {
            return;
        }
        if (offsets.isEmpty()) {
            if (!isAnswered) {
                return; // findings in the results so far have not been answered on the topic
            }
            List<Run> changed = world.book().changed();
            if (changed.isEmpty() && !writer.hasPauses() && !writer.isIdle()) {
                return;
            }
            offsets = Optional.of(results.positions());
            changed.forEach(run -> note(run));
        }
        long began = System.nanoTime();
        Emission emission = new Emission();
        int parts = slice(emission);
        boolean last = left.isEmpty();
        if (last) {
            emission.resultsUpTo(offsets.get());
        }
        if (!writer.write(emission, now)) {
            left.clear();
            offsets = Optional.empty();
            return;
        }
        if (last) {
            offsets = Optional.empty();
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        Duration pause = parts == 0
                ? Duration.ZERO
                : shorter(LONGEST, longer(took.multipliedBy(10), PER_PART.multipliedBy(parts)));
        pace.pause(last ? pause.plus(CYCLE) : pause);
    }

    private void note(Run run) {
        world.book().behind(run).forEach(part -> left.add(new Part(run.head().id(), part)));
    }

    /** Takes the next parts; of a run that is over all others before the first, which says so. */
    private int slice(Emission emission) {
        Map<RunId, List<Integer>> taken = new LinkedHashMap<>();
        int parts = 0;
        int most = writer.slice();
        while (!left.isEmpty() && parts < most) {
            Part next = left.remove();
            Optional<Run> run = world.book().find(next.run());
            if (run.isEmpty()) {
                continue;
            }
            List<Integer> behind = world.book().behind(run.get());
            List<Integer> ofRun = taken.computeIfAbsent(next.run(), id -> new ArrayList<>());
            if (next.part() == 0 && run.get().isOver()) {
                List<Integer> others = behind.stream()
                        .filter(part -> part != 0 && !ofRun.contains(part))
                        .toList();
                if (!others.isEmpty()) {
                    left.addFirst(next);
                    others.subList(0, Math.min(others.size(), most))
                            .forEach(part -> left.addFirst(new Part(next.run(), part)));
                    continue;
                }
            }
            if (behind.contains(next.part()) && !ofRun.contains(next.part())) {
                ofRun.add(next.part());
                parts++;
            }
        }
        taken.values().removeIf(List::isEmpty);
        taken.forEach((id, list) -> world.book().find(id).ifPresent(run -> emission.run(run, list)));
        return parts;
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }
}
