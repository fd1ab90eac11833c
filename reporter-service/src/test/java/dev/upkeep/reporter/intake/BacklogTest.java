package dev.upkeep.reporter.intake;

import static dev.upkeep.reporter.Messages.AT;
import static dev.upkeep.reporter.Messages.result;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.SteppingClock;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.TopicSetup;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.local.server.TestServers;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.measurement.SeriesRows;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** While a backlog is read the history stands in the past, and no rule is looked at. */
class BacklogTest {
    private static final int RESULTS = 900;

    @TempDir
    Path folder;

    @Test
    void isOpenUntilItIsReadAndNotForEver() {
        SteppingClock clock = new SteppingClock(AT);
        Backlog read = new Backlog(clock);
        Backlog endless = new Backlog(clock);

        read.isRead();
        clock.pass(Duration.ofMinutes(14));

        assertThat(read.isOpen()).isFalse();
        assertThat(endless.isOpen()).isTrue();
        clock.pass(Duration.ofMinutes(1));
        assertThat(endless.isOpen()).isFalse();
    }

    @Test
    void endsWhenTheNewestRecordOfEveryPartitionIsInTheHistory() throws Exception {
        KafkaSettings settings = new KafkaSettings(
                TestServers.bootstrapServers(), new Topics(TestServers.unique("backlog") + "."), "backlog", Map.of());
        Records records = new Records(settings.topics(), "upkeep/test", Clock.systemUTC());
        try (Admin admin = Admin.create(settings.admin());
                Producer<String, byte[]> producer = new KafkaProducer<>(settings.producer());
                History history = History.open(
                        "jdbc:sqlite:" + folder.resolve("history.db"), Optional.empty(), Optional.empty())) {
            new TopicSetup(admin, settings.topics()).create(2, Optional.empty());
            for (int i = 0; i < RESULTS; i++) {
                producer.send(records.of(
                                Message.RESULT,
                                result("minutely", "db" + i % 9, "analyze", Outcome.SUCCEEDED, AT.plusSeconds(60L * i)),
                                Optional.empty()))
                        .get();
            }
            producer.flush();
            Recorder recorder = new Recorder(history, new SeriesRows(100, 100), Clock.systemUTC());
            List<Boolean> atTheEnd = new ArrayList<>();
            try (Intake intake =
                    new Intake(new Intake.Kafka(settings, admin, producer, records), history, recorder, new Small())) {
                intake.begin();
                while (kept(history) < RESULTS && atTheEnd.size() < 60) {
                    atTheEnd.add(intake.isAtTheEnd());
                    intake.turn(Duration.ofSeconds(1));
                }
                intake.turn(Duration.ofMillis(100));
                atTheEnd.add(intake.isAtTheEnd());
            }

            assertThat(kept(history)).isEqualTo(RESULTS);
            assertThat(atTheEnd.subList(0, 3)).containsOnly(false);
            assertThat(atTheEnd).last().isEqualTo(true);
        }
    }

    private static long kept(History history) {
        return history.read(session -> session.number("SELECT count(*) FROM result"));
    }

    private record Small() implements IntakeConfig {
        @Override
        public String group() {
            return "reporter";
        }

        @Override
        public int batch() {
            return 100;
        }

        @Override
        public int batches() {
            return 1;
        }
    }
}
