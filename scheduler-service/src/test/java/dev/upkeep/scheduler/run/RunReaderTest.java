package dev.upkeep.scheduler.run;

import static dev.upkeep.scheduler.fixture.Fixtures.executor;
import static dev.upkeep.scheduler.fixture.Fixtures.policy;
import static dev.upkeep.scheduler.fixture.Fixtures.result;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.scheduler.firing.Firing;
import dev.upkeep.scheduler.firing.PolicyRuns;
import dev.upkeep.scheduler.fixture.Fixtures;
import dev.upkeep.scheduler.fleet.Fleet;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

/** Runs put together again from their records, by a leader that begins on the 21st and remembers three days. */
class RunReaderTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    private final RunBook book = new RunBook(Duration.ofDays(3), 10_000);
    private final RunReader reader = new RunReader(book, NOW.minus(Duration.ofDays(3)));
    private final Records records = new Records(Topics.DEFAULT, "test", Clock.systemUTC());
    private final List<ConsumerRecord<String, byte[]>> topic = new ArrayList<>();

    /** Writes these parts of the run as they are. */
    private void write(Run run, Instant at, List<Integer> parts) {
        for (int part : parts) {
            RunState state = run.state(part, at);
            ProducerRecord<String, byte[]> record = records.of(Message.RUN_STATE, state, Optional.empty());
            if (part == 0) {
                record.headers().add(RunPlan.HEADER, Wire.write(run.head().plan()));
            }
            topic.add(new ConsumerRecord<>(
                    "runs",
                    0,
                    topic.size(),
                    at.toEpochMilli(),
                    TimestampType.CREATE_TIME,
                    0,
                    0,
                    record.key(),
                    record.value(),
                    new RecordHeaders(record.headers().toArray()),
                    Optional.empty()));
        }
    }

    private static Run fired(Instant at, int databases) {
        List<RegisteredDatabase> own = new ArrayList<>();
        for (int i = 0; i < databases; i++) {
            own.add(Fixtures.database(String.format("db%05d", i), Map.of(), Task.names()));
        }
        Registration executor = executor("e", at, own);
        Run run = new PolicyRuns(new Freezer(List.of(executor), List.of()), List.of())
                .fire(new Firing(policy("startWithin: 7d", "finishWithin: 7d"), at, 0), Map.of(), at);
        return new Dispatch(new Fleet(), List.of(), at)
                .due(run, Turns.FREE, databases)
                .run();
    }

    private static Run ended(Run run, Instant at) {
        RunBook own = new RunBook(Duration.ofDays(30), 10_000);
        own.written(run);
        own.apply(
                run.targets().stream()
                        .map(target -> result(run, target, Outcome.SUCCEEDED, at))
                        .toList(),
                at);
        return own.find(run.head().id()).orElseThrow();
    }

    private void read() {
        reader.read(topic);
        reader.settle();
    }

    @Test
    void keepsARunThatIsStillOpenThoughNothingWasWrittenOfItForDays() {
        Run run = fired(NOW.minus(Duration.ofDays(6)), 450);
        write(run, NOW.minus(Duration.ofDays(6)), run.allParts());

        read();

        assertThat(book.active()).containsExactly(run);
    }

    @Test
    void passesOverPolicyRunsThatEndedLongAgoAndKeepsThoseOfRequests() {
        Instant longAgo = NOW.minus(Duration.ofDays(5));
        Run ofPolicy = ended(fired(longAgo, 3), longAgo);
        Run fired = fired(longAgo.minusSeconds(60), 3);
        Run ofRequest = ended(
                Run.of(fired.head().with(RunPlan.ofRequest("digest", Optional.empty())), fired.targets()), longAgo);
        write(ofPolicy, longAgo, ofPolicy.allParts());
        write(ofRequest, longAgo, ofRequest.allParts());

        read();
        book.trim(NOW);

        assertThat(book.all()).containsExactly(ofRequest);
        book.trim(NOW.plus(Duration.ofDays(3).plusSeconds(1)));
        assertThat(book.all()).isEmpty();
    }

    @Test
    void passesOverARunWhoseLeaderDiedBeforeItsHeadWasWrittenUntilItIsWrittenAnew() {
        Run run = fired(NOW, 900);
        write(run, NOW, run.allParts().subList(0, 3));

        read();
        assertThat(book.all()).isEmpty();
        assertThat(book.lastFiring(run.head().plan().policy().orElseThrow())).isEmpty();

        Run anew = fired(NOW, 500);
        write(anew, NOW, anew.allParts());
        read();
        assertThat(book.all()).containsExactly(anew);
    }

    @Test
    void putsANewPartIntoARunThatItKnows() {
        Run run = fired(NOW, 450);
        Run over = ended(run, NOW.plusSeconds(60));
        write(run, NOW, run.allParts());
        read();
        topic.clear();
        write(over, NOW.plusSeconds(60), List.of(2));
        read();
        assertThat(book.find(run.head().id()).orElseThrow().tally().sent()).isEqualTo(400);

        write(over, NOW.plusSeconds(60), List.of(1, 0));
        read();
        assertThat(book.all()).containsExactly(over);
        assertThat(book.active()).isEmpty();
    }

    @Test
    void isNotStoppedByRecordsThatMakeNoSense() {
        Run run = fired(NOW, 3);
        for (String key : List.of("", "#", "p@2026-11-21T12:00Z#x", "a b", "nonsense")) {
            topic.add(new ConsumerRecord<>("runs", 0, topic.size(), key, new byte[] {'{', '"'}));
        }
        topic.add(new ConsumerRecord<>("runs", 0, topic.size(), null, new byte[] {1}));
        topic.add(new ConsumerRecord<>("runs", 0, topic.size(), "gone", null));
        write(run, NOW, run.allParts());

        read();

        assertThat(book.all()).containsExactly(run);
    }

    @Test
    void passesOverRunsThatNoSchedulerWrites() {
        Run run = fired(NOW, 3);
        Run large = fired(NOW, 450);
        write(odd("too-much-in-a-part", run, 0, 1, Collections.nCopies(300, run.target(0))), "too-much-in-a-part");
        write(odd("too-little-in-a-part", large, 0, 2, large.parts().get(2)), "too-little-in-a-part");
        write(odd("too-little-in-a-part", large, 1, 2, large.parts().get(1)), "too-little-in-a-part#1");
        write(odd("about-another", run, 0, 1, run.targets()), "another");
        write(run, NOW, run.allParts());

        read();

        assertThat(book.all()).containsExactly(run);
    }

    private static RunState odd(String id, Run like, int part, int parts, List<Target> targets) {
        RunState state = like.state(0, NOW);
        return new RunState(
                new RunId(id),
                state.origin(),
                state.status(),
                List.of(),
                NOW,
                NOW,
                state.validity(),
                false,
                Optional.empty(),
                targets.size(),
                part,
                parts,
                List.of(),
                targets);
    }

    @Test
    void passesOverAnOpenRunWithoutTimes() {
        RunState good = fired(NOW, 3).state(0, NOW);
        write(
                new RunState(
                        new RunId("timeless"),
                        good.origin(),
                        good.status(),
                        List.of(),
                        NOW,
                        NOW,
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        3,
                        0,
                        1,
                        List.of(),
                        good.targets()),
                "timeless");

        read();

        assertThat(book.all()).isEmpty();
    }

    private void write(RunState state, String key) {
        topic.add(new ConsumerRecord<>("runs", 0, topic.size(), key, Wire.write(state)));
    }
}
