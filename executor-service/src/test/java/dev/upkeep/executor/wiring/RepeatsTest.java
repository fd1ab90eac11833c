package dev.upkeep.executor.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.common.task.Vacuum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepeatsTest {
    @TempDir
    Path folder;

    private Bench bench;

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void aRepeatedCommandHasNoEffectAndIsAnsweredWithTheSameBytes() {
        bench = new Bench(folder).start();
        Command command = bench.command("twice", Bench.analyze());
        bench.bus.send(command);
        bench.bus.result(command);

        bench.bus.send(command.issuedAt(command.issuedAt().plusSeconds(5)));

        Awaitility.await().until(() -> bench.bus.results(command).size() == 2);
        assertThat(bench.bus.all(Topic.RESULTS))
                .extracting(ConsumerRecord::value)
                .containsOnly(bench.bus.all(Topic.RESULTS).get(0).value());
        assertThat(bench.analyze.calls()).hasSize(1);
    }

    @Test
    void anotherCommandUnderAKnownIdIsNotCarriedOutAndDoesNotOverwriteTheResult() {
        bench = new Bench(folder).start();
        Command command = bench.command("same-id", Bench.analyze());
        bench.bus.send(command);
        bench.bus.result(command);

        bench.bus.send(bench.command("same-id", Vacuum.auto()));

        ConsumerRecord<String, byte[]> letter =
                bench.bus.await(Topic.DEAD_LETTERS, 1).get(0);
        assertThat(Records.header(letter.headers(), "upkeep_error_code")).contains("id-conflict");
        assertThat(bench.vacuum.calls()).isEmpty();
        assertThat(bench.bus.results(command)).hasSize(1);
    }

    @Test
    void readingTheWholeTopicAgainHasNoEffect() throws Exception {
        bench = new Bench(folder).start();
        Command first = bench.command("one", Bench.analyze());
        Command second = bench.command("two", HealthCheck.quick());
        bench.bus.send(first);
        bench.bus.send(second);
        bench.bus.result(first);
        bench.bus.result(second);
        bench.stop();
        try (Admin admin = Admin.create(bench.bus.kafka().admin())) {
            admin.deleteConsumerGroups(java.util.List.of("upkeep-executor-" + bench.executor))
                    .all()
                    .get();
        }

        bench.start();

        Awaitility.await().until(() -> bench.bus.results(first).size() >= 2);
        Command last = bench.command("three", HealthCheck.quick());
        bench.bus.send(last);
        bench.bus.result(last);
        assertThat(bench.analyze.calls()).hasSize(1);
        assertThat(bench.health.calls()).hasSize(2);
    }

    @Test
    void aDamagedJournalIsSetAsideAndNothingOfBeforeChangesADatabase() throws IOException {
        bench = new Bench(folder).start();
        Command before = bench.command("before", Bench.analyze());
        Command looking = bench.command("looking", HealthCheck.quick());
        bench.bus.send(before);
        bench.bus.result(before);
        bench.stop();
        Path journal = bench.data().resolve("journal.db");
        Files.deleteIfExists(bench.data().resolve("journal.db-wal"));
        byte[] garbage = new byte[3_000];
        Files.write(journal, garbage, StandardOpenOption.WRITE);
        bench.bus.send(before);
        bench.bus.send(looking);

        bench.start();

        assertThat(bench.bus.result(looking).outcome()).isEqualTo(Outcome.SUCCEEDED);
        Awaitility.await().until(() -> bench.bus.results(before).size() == 2);
        Result again = bench.bus.results(before).get(1);
        assertThat(again.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(again.reasons().get(0).code()).isEqualTo(Code.NEEDS_CONFIRMATION);
        assertThat(bench.analyze.calls()).hasSize(1);
        try (Stream<Path> files = Files.list(bench.data())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .anyMatch(name -> name.startsWith("journal.set-aside-"));
        }
    }

    @Test
    void goesOnAfterAStopWhereItWas() {
        bench = new Bench(folder).start();
        bench.analyze.does((order, on, attempt) -> {
            attempt.saveCursor("half");
            while (attempt.stop().isEmpty()) {
                attempt.yieldToApplication(Duration.ZERO, Duration.ofMillis(20));
            }
            throw new dev.upkeep.executor.operation.Failure(Code.STATEMENT_TIMEOUT, "broken off");
        });
        Command command = bench.command("stopped", HealthCheck.quick(), Bench.analyze());
        bench.bus.send(command);
        Awaitility.await().until(() -> bench.analyze.calls().size() == 1);
        bench.stop();
        assertThat(bench.bus.results(command)).isEmpty();
        bench.analyze.does((order, on, attempt) -> dev.upkeep.executor.operation.Done.succeeded(
                Map.of("from", attempt.cursor().orElse("start")), java.util.List.of(), java.util.List.of()));

        bench.start();

        Result result = bench.bus.result(command);
        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(result.tasks().get(1).report().orElseThrow().path("from").asText())
                .isEqualTo("half");
        assertThat(bench.health.calls()).hasSize(1);
    }

    @Test
    void eachOfManyCommandsRunsOnceAndHasOneResult() {
        bench = new Bench(folder).start();
        Instant now = Instant.now();
        for (int i = 0; i < 50; i++) {
            bench.bus.send(bench.command(
                    "many-" + i,
                    i % 2 == 0 ? bench.one : bench.two,
                    new Validity(now, now.plusSeconds(60), now.plusSeconds(60)),
                    Step.of(Bench.analyze())));
        }

        assertThat(bench.bus.await(Topic.RESULTS, 50)).hasSize(50);
        assertThat(bench.analyze.calls()).hasSize(50).doesNotHaveDuplicates();
        Awaitility.await().until(() -> bench.core().figures().unpublished() == 0);
    }
}
