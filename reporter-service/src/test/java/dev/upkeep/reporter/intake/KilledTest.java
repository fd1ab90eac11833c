package dev.upkeep.reporter.intake;

import static dev.upkeep.reporter.Messages.AT;
import static dev.upkeep.reporter.Messages.result;
import static dev.upkeep.reporter.Messages.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.TopicSetup;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.local.server.TestServers;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.measurement.SeriesRows;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The intake as a process of its own, killed without warning while it reads. */
class KilledTest {
    private static final int RESULTS = 10_000;
    private static final int KILLS = 6;
    private static final int MOST_IDLE = 60;

    @TempDir
    Path folder;

    @Test
    void losesAndCountsTwiceNothingHoweverOftenItIsKilled() throws Exception {
        KafkaSettings settings = settings(TestServers.unique("killed") + ".");
        publish(settings);
        Random random = new Random(11);

        int batches = 0;
        for (int i = 0; i < KILLS; i++) {
            batches += killAfter(1 + random.nextInt(6), reader(settings));
        }
        Process last = reader(settings);
        last.getInputStream().transferTo(OutputStream.nullOutputStream());
        int exit = last.waitFor();

        assertThat(batches).as("batches before kills").isGreaterThan(KILLS);
        assertThat(exit).isZero();
        try (History history = open(folder)) {
            assertThat(number(history, "SELECT count(*) FROM result")).isEqualTo(RESULTS);
            assertThat(number(history, "SELECT sum(value) FROM series WHERE kind = 'count'"))
                    .isEqualTo(RESULTS);
            assertThat(number(history, "SELECT sum(value) FROM tally WHERE name = 'results'"))
                    .isEqualTo(RESULTS);
            assertThat(number(history, "SELECT count(*) FROM sample")).isEqualTo(RESULTS);
        }
    }

    /** Lets it record so many batches, and kills it somewhere in the next. */
    private static int killAfter(int batches, Process reader) throws IOException, InterruptedException {
        int seen = 0;
        try (BufferedReader said = reader.inputReader(StandardCharsets.UTF_8)) {
            String line;
            while (seen < batches && (line = said.readLine()) != null) {
                seen += line.startsWith("recorded ") && !line.equals("recorded 0") ? 1 : 0;
            }
            reader.destroyForcibly().waitFor();
        }
        return seen;
    }

    /** Each result twice, as executors may after a crash. */
    private static void publish(KafkaSettings settings) throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(settings.admin())) {
            new TopicSetup(admin, settings.topics()).create(2, Optional.empty());
        }
        Records records = new Records(settings.topics(), "upkeep/test", Clock.systemUTC());
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (Producer<String, byte[]> producer = new KafkaProducer<>(settings.producer())) {
            for (int i = 0; i < RESULTS; i++) {
                Result result = result(
                        "minutely",
                        "db" + i % 20,
                        task(
                                "purge",
                                Outcome.SUCCEEDED,
                                AT.minusSeconds(60L * (RESULTS + i)),
                                List.of(),
                                List.of(Measurement.count("purge_deleted", "rows", 1, Map.of()))),
                        AT.minusSeconds(60L * (RESULTS + i)));
                sent.add(producer.send(records.of(Message.RESULT, result, Optional.empty())));
                sent.add(producer.send(records.of(Message.RESULT, result, Optional.empty())));
            }
        }
        for (Future<RecordMetadata> one : sent) {
            one.get();
        }
    }

    private Process reader(KafkaSettings settings) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx96m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath,
                        KilledTest.class.getName(),
                        settings.bootstrap(),
                        settings.topics().prefix(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
    }

    /** The reader: goes on until all is recorded, or nothing has come for a minute. */
    public static void main(String[] arguments) {
        KafkaSettings settings = new KafkaSettings(arguments[0], new Topics(arguments[1]), "killed", Map.of());
        try (History history = open(Path.of(arguments[2]));
                Admin admin = Admin.create(settings.admin());
                Producer<String, byte[]> producer = new KafkaProducer<>(settings.producer())) {
            Records records = new Records(settings.topics(), "upkeep/test", Clock.systemUTC());
            Recorder recorder = new Recorder(history, new SeriesRows(1_000, 100), Clock.systemUTC());
            Intake.Kafka kafka = new Intake.Kafka(settings, admin, producer, records);
            try (Intake intake = new Intake(kafka, history, recorder, new Small())) {
                intake.begin();
                for (int idle = 0; idle < MOST_IDLE && number(history, "SELECT count(*) FROM result") < RESULTS; ) {
                    int read = intake.turn(Duration.ofSeconds(1));
                    System.out.println("recorded " + read);
                    idle = read == 0 ? idle + 1 : 0;
                }
            }
        }
    }

    private record Small() implements IntakeConfig {
        @Override
        public String group() {
            return "reporter";
        }

        @Override
        public int batch() {
            return 200;
        }

        @Override
        public int batches() {
            return 2;
        }
    }

    private static KafkaSettings settings(String prefix) {
        return new KafkaSettings(TestServers.bootstrapServers(), new Topics(prefix), "killed", Map.of());
    }

    private static History open(Path folder) {
        return History.open("jdbc:sqlite:" + folder.resolve("history.db"), Optional.empty(), Optional.empty());
    }

    private static long number(History history, String sql) {
        return history.read(session -> session.number(sql));
    }
}
