package dev.upkeep.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.local.server.LocalBroker;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The broker is away for a while ({@code -Dupkeep.e2e.outage=60} for a minute) while tasks run. */
class BrokerOutageTest {
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("upkeep.e2e.outage", 20));

    private final WholeSystem whole = WholeSystem.get();
    private final Bus bus = whole.bus();

    @Test
    void losesNoResultAndRepeatsNone() throws Exception {
        List<String> ids = IntStream.range(0, 6)
                .mapToObj(i -> "outage-" + i + "-" + UUID.randomUUID())
                .toList();
        for (String id : ids) {
            bus.publish("""
                    {"id": "%s", "select": {"all": true}, "startWithin": "10m",
                     "tasks": [{"type": "health-check", "profile": "full"}, {"type": "backup", "keep": 2}]}""".formatted(id));
        }
        await().atMost(WholeSystem.PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> !bus.results(ids.get(0)).isEmpty());
        LocalBroker broker = whole.system().broker();
        broker.stop();
        Instant back = Instant.now().plus(OUTAGE);
        await().atMost(OUTAGE.plusSeconds(10)).until(() -> Instant.now().isAfter(back));
        broker.start();

        await().atMost(WholeSystem.PATIENCE)
                .untilAsserted(
                        () -> assertThat(ids).allMatch(id -> bus.ended(id).isPresent()));
        for (String id : ids) {
            assertThat(bus.results(id))
                    .as("results of " + id)
                    .extracting(result -> result.database().text())
                    .containsExactlyInAnyOrder("audit", "queue", "telemetry");
            assertThat(bus.results(id))
                    .allSatisfy(result ->
                            assertThat(result.outcome()).as(result.toString()).isEqualTo(Outcome.SUCCEEDED));
        }
    }
}
