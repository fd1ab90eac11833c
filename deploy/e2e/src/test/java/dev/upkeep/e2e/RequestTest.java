package dev.upkeep.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.run.RunState;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Requests as a foreigner publishes them: text without a key. Each gets an answer that a person understands. */
class RequestTest {
    private final Bus bus = WholeSystem.get().bus();
    private final String id = "request-" + UUID.randomUUID();

    @Test
    void getsAVerdictWithinTwoSecondsAndAResultFromEachDatabase() throws Exception {
        long start = System.nanoTime();
        bus.publish("""
                {"id": "%s", "select": {"labels": ["system in (audit, telemetry)"]},
                 "tasks": [{"type": "health-check", "profile": "quick"}], "requestedBy": "a foreigner"}""".formatted(id));

        await().atMost(Duration.ofSeconds(2))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> bus.run(id).isPresent());
        System.out.printf("verdict after %d ms%n", (System.nanoTime() - start) / 1_000_000);
        assertThat(bus.run(id).orElseThrow().status()).isNotEqualTo(RunState.Status.REJECTED);
        assertThat(bus.run(id).orElseThrow().databases()).isEqualTo(2);
        await().atMost(WholeSystem.PATIENCE).until(() -> bus.ended(id).isPresent());
        assertThat(bus.results(id))
                .extracting(result -> result.database().text())
                .containsExactlyInAnyOrder("audit", "telemetry");
        assertThat(bus.results(id)).extracting(Result::outcome).containsOnly(Outcome.SUCCEEDED);
    }

    @Test
    void putsNonsenseAsideAndGoesOn() throws Exception {
        String nonsense = "{\"id\": \"" + id + "\", \"tasks\": [}";
        bus.publish(nonsense);

        await().atMost(WholeSystem.PATIENCE)
                .until(() -> bus.deadLetters().stream()
                        .anyMatch(letter -> letter.text().equals(nonsense)));
        Bus.DeadLetter letter = bus.deadLetters().stream()
                .filter(l -> l.text().equals(nonsense))
                .findFirst()
                .orElseThrow();
        assertThat(letter.code()).isEqualTo("malformed");
        assertThat(letter.error()).isNotBlank();
        goesOn();
    }

    @Test
    void rejectsAnUnknownTaskAndListsTheKnownOnes() throws Exception {
        bus.publish("""
                {"id": "%s", "select": {"all": true}, "tasks": [{"type": "drop-everything"}]}""".formatted(id));

        assertThat(answer())
                .contains("drop-everything")
                .contains("health-check")
                .contains("purge");
        goesOn();
    }

    @Test
    void rejectsASelectionThatMeetsNothing() throws Exception {
        bus.publish("""
                {"id": "%s", "select": {"labels": ["galaxy=far-away"]}, "tasks": [{"type": "health-check"}]}""".formatted(id));

        assertThat(answer()).containsIgnoringCase("no database");
        goesOn();
    }

    @Test
    void rejectsAFieldOfTheWrongTypeAndNamesIt() throws Exception {
        bus.publish("""
                {"id": "%s", "select": {"all": true}, "tasks": [{"type": "backup", "keep": "many"}]}""".formatted(id));

        assertThat(answer()).contains("keep");
        goesOn();
    }

    /** What a person reads about the request: the rejected run's reasons, or the dead letter's error. */
    private String answer() {
        await().atMost(WholeSystem.PATIENCE).until(() -> !answers().isEmpty());
        return String.join("; ", answers());
    }

    private List<String> answers() {
        List<String> rejections = bus.runs().stream()
                .filter(run -> run.run().text().equals(id) && run.status() == RunState.Status.REJECTED)
                .map(run -> run.reasons().stream().map(Reason::message).collect(Collectors.joining("; ")))
                .toList();
        return !rejections.isEmpty()
                ? rejections
                : bus.deadLetters().stream()
                        .filter(letter -> letter.text().contains(id))
                        .map(Bus.DeadLetter::error)
                        .toList();
    }

    private void goesOn() throws Exception {
        String next = "next-" + UUID.randomUUID();
        bus.publish("""
                {"id": "%s", "select": {"databases": ["queue"]}, "tasks": [{"type": "health-check"}]}""".formatted(next));
        await().atMost(WholeSystem.PATIENCE).until(() -> bus.ended(next).isPresent());
        assertThat(bus.results(next)).hasSize(1);
    }
}
