package dev.upkeep.executor.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.request.Glob;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.sign.Signer;
import dev.upkeep.common.sign.Verifier;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.task.Restore;
import dev.upkeep.executor.guardrail.Rules;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody who can write to the lane, and knows all ids, but not the key. */
class AttackerTest {
    @TempDir
    Path folder;

    private final KeyPair key = newKey();
    private final Signer scheduler = new Signer("ops-1", key.getPrivate());
    private Bench bench;

    private static KeyPair newKey() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void start() {
        bench = new Bench(folder);
        bench.with(new Verifier(Map.of("ops-1", key.getPublic())))
                .with(bench.guardrails(new Rules(
                        Optional.empty(), List.of(), Optional.of(List.of(new Glob("events"))), Optional.empty())))
                .start();
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private static Purge purge(String table, Duration keep) {
        return new Purge(
                List.of(new Purge.Rule(
                        TableName.parse(table), ColumnName.parse("at"), keep, Optional.empty(), List.of())),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty());
    }

    private Result resultOfSigned(Command command) {
        ProducerRecord<String, byte[]> record = bench.bus.record(command);
        scheduler.sign(record);
        bench.bus.send(record);
        return bench.bus.result(command);
    }

    private static Code codeOf(Result result) {
        assertThat(result.outcome()).isEqualTo(Outcome.REJECTED);
        return result.reasons().get(0).code();
    }

    @Test
    void aSignedCommandIsCarriedOut() {
        assertThat(resultOfSigned(bench.command("good", purge("events", Duration.ofDays(90))))
                        .outcome())
                .isEqualTo(Outcome.SUCCEEDED);
        assertThat(bench.purge.calls()).containsExactly("good/one");
    }

    @Test
    void anUnsignedCommandIsADeadLetterAndTheGenuineOneIsStillCarriedOut() {
        Command command = bench.command("unsigned", purge("events", Duration.ofDays(90)));
        bench.bus.send(command);
        bench.bus.await(Topic.DEAD_LETTERS, 1);
        assertThat(bench.purge.calls()).isEmpty();

        Result genuine = resultOfSigned(command);

        assertThat(genuine.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(bench.purge.calls()).containsExactly("unsigned/one");
    }

    @Test
    void aSignatureOfAnotherKeyOrForOtherBytesIsRefused() {
        Command forged = bench.command("forged", purge("events", Duration.ofDays(90)));
        ProducerRecord<String, byte[]> byAnother = bench.bus.record(forged);
        new Signer("ops-1", newKey().getPrivate()).sign(byAnother);
        bench.bus.send(byAnother);
        Command changed = bench.command("changed", purge("events", Duration.ofDays(2)));
        ProducerRecord<String, byte[]> moved =
                bench.bus.record(bench.command("changed", purge("events", Duration.ofDays(90))));
        scheduler.sign(moved);
        ProducerRecord<String, byte[]> record = bench.bus.record(changed);
        moved.headers().forEach(record.headers()::add);
        bench.bus.send(record);

        assertThat(bench.bus.await(Topic.DEAD_LETTERS, 2))
                .allSatisfy(letter -> assertThat(Records.header(letter.headers(), "upkeep_error_code"))
                        .contains("bad-signature"));
        assertThat(bench.purge.calls()).isEmpty();
    }

    @Test
    void aSignedCommandStillMeetsTheGuardrails() {
        Result table = resultOfSigned(bench.command("table", purge("users", Duration.ofDays(90))));
        Result keep = resultOfSigned(bench.command("keep", purge("events", Duration.ofMinutes(1))));

        assertThat(codeOf(table)).isEqualTo(Code.GUARDRAIL);
        assertThat(table.reasons().get(0).message()).contains("guardrail tables", "users");
        assertThat(codeOf(keep)).isEqualTo(Code.GUARDRAIL);
        assertThat(keep.reasons().get(0).message()).contains("guardrail least-keep");
        assertThat(bench.purge.calls()).isEmpty();
    }

    /** The record of this command, rightly signed, but with another body. */
    private void send(Command sample, String body) {
        ProducerRecord<String, byte[]> form = bench.bus.record(sample);
        ProducerRecord<String, byte[]> attack = new ProducerRecord<>(
                form.topic(), form.partition(), form.key(), body.getBytes(StandardCharsets.UTF_8), form.headers());
        scheduler.sign(attack);
        bench.bus.send(attack);
    }

    @Test
    void injectedIdentifiersPathsAndRetentionsOfZeroAreRefusedByName() {
        Command sample = bench.command("inject", purge("events", Duration.ofDays(90)));
        String text = new String(bench.bus.record(sample).value(), StandardCharsets.UTF_8);
        Map<String, String> attacks = Map.of(
                "a1", text.replace("\"table\":\"events\"", "\"table\":\"events; DROP TABLE users\""),
                "a2", text.replace("\"table\":\"events\"", "\"table\":\"x\\\"; DROP TABLE users; --\""),
                "a3", text.replace("\"table\":\"events\"", "\"table\":\"../../etc/passwd\""),
                "a4", text.replace("\"P90D\"", "\"PT0S\""),
                "a5", text.replace("\"P90D\"", "\"-P1D\""),
                "a6", text.replace("\"P90D\"", "30"));
        attacks.forEach((name, body) -> send(sample, body.replace("inject/one", name + "/one")));

        for (String name : attacks.keySet()) {
            Command asked = bench.command(name, purge("events", Duration.ofDays(90)));
            Result result = bench.bus.result(asked);
            assertThat(result.outcome()).isEqualTo(Outcome.REJECTED);
            assertThat(result.reasons().get(0).code()).isEqualTo(Code.INVALID);
            assertThat(result.reasons().get(0).message()).containsAnyOf("table", "keep");
        }
        assertThat(bench.purge.calls()).isEmpty();
    }

    @Test
    void pathsInThePlaceOfNamesAreRefusedByName() {
        Command sample = bench.command(
                "path",
                new Restore(Optional.of("a-backup"), Optional.empty(), Optional.of("a_copy"), false, Optional.empty()));
        String text = new String(bench.bus.record(sample).value(), StandardCharsets.UTF_8);
        Map<String, String> attacks = Map.of(
                "p1", text.replace("\"a_copy\"", "\"../../etc/cron.d/x\""),
                "p2", text.replace("\"a_copy\"", "\"/etc/passwd\""),
                "p3", text.replace("\"a-backup\"", "\"../../../tmp/evil\""),
                "p4", text.replace("\"a-backup\"", "\"--dbname=evil\""));
        attacks.forEach((name, body) -> send(sample, body.replace("path/one", name + "/one")));

        for (String name : attacks.keySet()) {
            Result result = bench.bus.result(bench.command(name, Bench.restore()));
            assertThat(result.outcome()).as(name).isEqualTo(Outcome.REJECTED);
            assertThat(result.reasons().get(0).code()).isEqualTo(Code.INVALID);
            assertThat(result.reasons().get(0).message()).containsAnyOf("into", "backup");
        }
        assertThat(bench.restore.calls()).isEmpty();
    }

    @Test
    void anUnsignedCancelIsNotFollowed() {
        bench.bus.send(new Cancel(
                bench.command("any", Bench.analyze()).id(),
                bench.executor,
                Instant.now(),
                Optional.empty(),
                Optional.empty()));

        assertThat(bench.bus.await(Topic.DEAD_LETTERS, 1)).hasSize(1);
    }
}
