package dev.upkeep.scheduler.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.SteppingClock;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.id.ControlId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.run.RunState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a new leader must know before it decides anything. */
class TakeOverTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void decidesNothingBeforeItKnowsThePauseThatCameJustBeforeItTookOver(@TempDir Path policies) throws Exception {
        Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);
        SteppingClock clock = new SteppingClock(hour.plusSeconds(600));
        Files.writeString(policies.resolve("look.yaml"), """
                name: look
                select: {databases: ["late/*"]}
                schedule: {every: 1h}
                tasks: [{type: health-check}]
                """);
        try (Stage stage = new Stage(policies, clock);
                Admin admin = Admin.create(stage.kafka().admin())) {
            stage.executor("late-host", Engine.SQLITE, Map.of(), "late/a");
            Candidacy before = ByHand.candidacy(stage.kafka());
            stage.replica("late", gated(stage.kafka()));
            await().atMost(PATIENCE).until(() -> stage.replica(0).standing().role() == Standing.Role.STANDBY);

            stage.control(new Control(
                    new ControlId("not-now"),
                    Control.Kind.PAUSE,
                    Optional.empty(),
                    Optional.empty(),
                    "ana",
                    "a release is under way",
                    clock.instant(),
                    clock.instant().plus(Duration.ofHours(5))));
            await().atMost(PATIENCE).until(() -> Gate.SHUT.getCount() == 0);
            before.close();
            await().atMost(PATIENCE).until(() -> isElected(admin, stage.kafka()));
            await().during(Duration.ofSeconds(1)).atMost(PATIENCE).until(() -> stage.leaders() == 0);
            Gate.OPEN.countDown();
            await().atMost(PATIENCE).until(() -> stage.leaders() == 1);
            clock.set(hour.plusSeconds(3_601));

            String run = "look@" + hour.plusSeconds(3_600).toString().replace(":00Z", "Z");
            await().atMost(PATIENCE).until(() -> stage.runs().containsKey(run));
            assertThat(stage.runs().get(run)).satisfies(paused -> {
                assertThat(paused.status()).isEqualTo(RunState.Status.SKIPPED);
                assertThat(paused.reasons()).singleElement().satisfies(why -> {
                    assertThat(why.code()).isEqualTo(Code.PAUSED);
                    assertThat(why.message()).contains("not-now");
                });
            });
            assertThat(stage.commands()).isEmpty();
        }
    }

    private static KafkaSettings gated(KafkaSettings kafka) {
        return new KafkaSettings(
                kafka.bootstrap(), kafka.topics(), kafka.client(), Map.of("interceptor.classes", Gate.class.getName()));
    }

    private static boolean isElected(Admin admin, KafkaSettings kafka) throws Exception {
        String group = kafka.topics().prefix() + "scheduler";
        Collection<MemberDescription> members = admin.describeConsumerGroups(List.of(group))
                .describedGroups()
                .get(group)
                .get()
                .members();
        return members.size() == 1
                && members.stream()
                        .allMatch(
                                member -> !member.assignment().topicPartitions().isEmpty());
    }

    /** Holds up whoever reads a control until the test lets it pass. */
    public static final class Gate implements ConsumerInterceptor<String, byte[]> {
        private static final CountDownLatch SHUT = new CountDownLatch(1);
        private static final CountDownLatch OPEN = new CountDownLatch(1);

        @Override
        public ConsumerRecords<String, byte[]> onConsume(ConsumerRecords<String, byte[]> records) {
            if (records.partitions().stream()
                    .anyMatch(partition -> partition.topic().endsWith(".controls"))) {
                SHUT.countDown();
                try {
                    OPEN.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return records;
        }

        @Override
        public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

        @Override
        public void close() {}

        @Override
        public void configure(Map<String, ?> configs) {}
    }
}
