package dev.upkeep.scheduler.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.sign.Signer;
import dev.upkeep.common.sign.Verifier;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that leave a scheduler with a key can be believed by an executor that knows its public half. */
class SigningTest {
    @Test
    void signsCommandsSoThatAnExecutorBelievesThem(@TempDir Path policies) throws Exception {
        KeyPair keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        KeyPair others = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        try (Stage stage = new Stage(policies, Clock.systemUTC())) {
            stage.executor("lite-1", Engine.SQLITE, Map.of(), "lite-1/queue");
            World world = stage.replica(
                    "signer", Duration.ofSeconds(6), Optional.of(new Signer("scheduler-1", keys.getPrivate())));
            await().atMost(Duration.ofSeconds(30))
                    .until(() ->
                            stage.leaders() == 1 && world.fleet().executors().size() == 1);

            stage.request("{\"select\": {\"all\": true}, \"tasks\": [{\"type\": \"analyze\"}]}");
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> !stage.all(Topic.COMMANDS).isEmpty());

            ConsumerRecord<String, byte[]> command = stage.all(Topic.COMMANDS).get(0);
            assertThat(new Verifier(Map.of("scheduler-1", keys.getPublic())).problem(command))
                    .isEmpty();
            assertThat(new Verifier(Map.of("scheduler-1", others.getPublic())).problem(command))
                    .hasValueSatisfying(reason -> assertThat(reason.code()).isEqualTo(Code.BAD_SIGNATURE));
        }
    }
}
