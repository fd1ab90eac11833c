package dev.upkeep.scheduler.request;

import static dev.upkeep.scheduler.fixture.Fixtures.executor;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.run.RunState;
import dev.upkeep.scheduler.fleet.Fleet;
import dev.upkeep.scheduler.policy.PolicySet;
import dev.upkeep.scheduler.run.Dispatch;
import dev.upkeep.scheduler.run.Run;
import dev.upkeep.scheduler.run.RunBook;
import dev.upkeep.scheduler.run.Turns;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Verdicts on requests that ask for too much or come too late, and what an accepted one hands on. */
class RequestDeskTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final String CHECK = "\"tasks\": [{\"type\": \"health-check\"}]";

    private final Fleet fleet = new Fleet();
    private final RunBook book = new RunBook(Duration.ofDays(1), 10_000);
    private final RequestDesk desk =
            new RequestDesk(new RequestLimits(2, 3, Duration.ofMinutes(15), Duration.ofHours(4)), fleet, book);
    private long offset;

    RequestDeskTest() {
        fleet.register(executor("small", NOW, Map.of("size", "small"), "a", "b", "c"));
        fleet.register(executor("large", NOW, Map.of("size", "large"), "d", "e", "f", "g"));
    }

    private Run judge(String json, Instant published) {
        ConsumerRecord<String, byte[]> record = new ConsumerRecord<>(
                "upkeep.requests",
                0,
                offset++,
                published.toEpochMilli(),
                TimestampType.CREATE_TIME,
                0,
                0,
                null,
                json.getBytes(StandardCharsets.UTF_8),
                new RecordHeaders(),
                Optional.empty());
        Run run = desk.judge(record, PolicySet.EMPTY, List.of(), NOW).runs().get(0);
        book.written(run);
        return run;
    }

    private static String order(String select, String more) {
        return "{\"select\": " + select + ", " + CHECK + more + "}";
    }

    private static void assertRefused(Run run, Code code, String message) {
        assertThat(run.head().status()).isEqualTo(RunState.Status.REJECTED);
        assertThat(run.targets()).isEmpty();
        assertThat(run.head().reasons().get(0).code()).isEqualTo(code);
        assertThat(run.head().reasons().get(0).message()).contains(message);
    }

    @Test
    void takesOnlySoManyAtOnce() {
        Run first = judge(order("{\"databases\": [\"a\"]}", ""), NOW);
        Run second = judge(order("{\"databases\": [\"b\"]}", ""), NOW);
        Run third = judge(order("{\"databases\": [\"c\"]}", ""), NOW);

        assertThat(List.of(first, second))
                .extracting(run -> run.head().status())
                .containsOnly(RunState.Status.ACCEPTED);
        assertRefused(third, Code.TOO_MANY_REQUESTS, "2 requests are under way, at most 2 may be");
    }

    @Test
    void takesOnlySoManyDatabases() {
        assertThat(judge(order("{\"labels\": [\"size=small\"]}", ""), NOW).targets())
                .hasSize(3);
        assertRefused(
                judge(order("{\"labels\": [\"size=large\"]}", ""), NOW),
                Code.INVALID,
                "select: means 4 databases (a request may mean at most 3, see upkeep.requests.most-databases)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            PT15M    |                                                | ACCEPTED
            PT15M1S  |                                                | TOO_LATE
            PT59M    | , "startWithin": "1h"                          | ACCEPTED
            PT61M    | , "startWithin": "1h"                          | TOO_LATE
            PT0S     | , "finishWithin": "8d", "startWithin": "1h"    | INVALID
            PT0S     | , "finishWithin": "5m"                         | ACCEPTED
            PT6M     | , "finishWithin": "5m"                         | TOO_LATE
            """)
    void takesNothingThatWasPublishedTooLongAgoOrMayTakeTooLong(Duration age, String more, String verdict) {
        Run run = judge(order("{\"databases\": [\"a\"]}", more == null ? "" : more), NOW.minus(age));

        if (verdict.equals("ACCEPTED")) {
            assertThat(run.head().status()).isEqualTo(RunState.Status.ACCEPTED);
            assertThat(run.head().validity().orElseThrow().startBy())
                    .isBeforeOrEqualTo(run.head().validity().orElseThrow().finishBy());
        } else {
            assertThat(run.head().status()).isEqualTo(RunState.Status.REJECTED);
            assertThat(run.head().reasons().get(0).code()).isEqualTo(Code.valueOf(verdict));
        }
    }

    @Test
    void handsThePlanHashAndTheDryRunOn() {
        String hash = "ab".repeat(32);
        Run run = judge(order("{\"databases\": [\"a\"]}", ", \"dryRun\": true, \"planHash\": \"" + hash + "\""), NOW);

        List<Command> commands =
                new Dispatch(fleet, List.of(), NOW).due(run, Turns.FREE, 10).commands();

        assertThat(commands).singleElement().satisfies(command -> {
            assertThat(command.planHash()).contains(hash);
            assertThat(command.dryRun()).isTrue();
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {"cancel": "nobody"}                            | INVALID        | cancel: nobody (no such run is known)
            {"policy": "nobody"}                            | UNKNOWN_POLICY | policy: nobody (there is none of this name
            {"id": "request-0-7", "cancel": "x"}            | INVALID        | is kept for requests without an id
            {"select": {"all": true}, "tasks": []}          | INVALID        | tasks
            {"policy": "a", "cancel": "b"}                  | INVALID        | exactly one of tasks, policy or cancel
            """)
    void saysWhatIsWrong(String json, Code code, String message) {
        assertRefused(judge(json, NOW), code, message);
    }
}
