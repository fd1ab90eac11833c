package dev.upkeep.executor.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.local.server.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An executor that dies: at each named point, and at any time. */
class CrashTest {
    private static final List<String> POINTS = List.of(
            "after-poll",
            "after-journal",
            "before-commit",
            "after-commit",
            "after-claim",
            "after-step-begin",
            "before-cursor",
            "after-perform",
            "after-step-end",
            "before-result",
            "after-result",
            "before-send",
            "after-send");
    private static final int KILLED = 137;

    @TempDir
    Path folder;

    private Bench bench;

    @BeforeEach
    void prepare() throws SQLException {
        bench = new Bench(folder);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + bench.file("one"));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE effects (command TEXT, row INTEGER)");
        }
        bench.start();
        bench.stop();
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private Process child(List<String> options) throws IOException {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
        line.addAll(options);
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), CrashChild.class.getName()));
        line.addAll(List.of(
                TestServers.bootstrapServers(),
                bench.bus.kafka().topics().prefix(),
                bench.executor.text(),
                folder.toString()));
        return new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("child.log").toFile()))
                .start();
    }

    @Test
    void diesAtEachPointAndEndsEachCommandOnce() throws Exception {
        List<Command> commands = new ArrayList<>();
        for (String point : POINTS) {
            Command command = bench.command(point, Bench.analyze(), Vacuum.auto());
            commands.add(command);
            bench.bus.send(command);
            Process child = child(List.of("-Dfault.at=" + point + ":1"));
            boolean isDead = child.waitFor(40, TimeUnit.SECONDS);
            child.destroyForcibly();
            assertThat(isDead)
                    .as("dies at %s: %s", point, Files.readString(folder.resolve("child.log")))
                    .isTrue();
            assertThat(child.exitValue()).as(point).isEqualTo(KILLED);
        }

        endsEachOnce(commands);

        Map<String, List<Integer>> effects = effects();
        assertThat(effects.values()).allSatisfy(rows -> assertThat(rows).contains(0, 1, 2, 3, 4, -1));
        int least = commands.size() * (CrashChild.ROWS + 1);
        assertThat(effects.values().stream().mapToInt(List::size).sum())
                .as("each death repeats at most the one batch that was in flight: %s", effects)
                .isBetween(least, least + POINTS.size());
    }

    @Test
    void isKilledAtAnyTimeAndEndsEachCommandOnce() throws Exception {
        int kills = Integer.getInteger("upkeep.test.kills", 5);
        long seed = Long.getLong("upkeep.test.seed", System.nanoTime());
        Random random = new Random(seed);
        List<Command> commands = new ArrayList<>();
        for (int i = 0; i < kills; i++) {
            Process child = child(List.of());
            for (int k = 0; k < 10; k++) {
                Command command = bench.command("k" + i + "-" + k, Bench.analyze(), Vacuum.auto());
                commands.add(command);
                bench.bus.send(command);
            }
            LockSupport.parkNanos(Duration.ofMillis(500 + random.nextInt(2_000)).toNanos());
            child.destroyForcibly().waitFor();
        }

        endsEachOnce(commands);

        assertThat(effects()).as("seed %d", seed).hasSize(commands.size());
        assertThat(effects().values())
                .as("seed %d", seed)
                .allSatisfy(rows -> assertThat(rows).contains(0, 1, 2, 3, 4, -1));
    }

    private void endsEachOnce(List<Command> commands) throws Exception {
        Process last = child(List.of());
        try {
            for (Command command : commands) {
                assertThat(bench.bus.result(command).outcome()).isEqualTo(Outcome.SUCCEEDED);
            }
        } finally {
            last.destroyForcibly().waitFor();
        }
        Map<String, List<String>> results = new TreeMap<>();
        for (ConsumerRecord<String, byte[]> record : bench.bus.all(Topic.RESULTS)) {
            results.computeIfAbsent(
                            dev.upkeep.common.kafka.Records.header(record.headers(), "ce_id")
                                    .orElseThrow(),
                            id -> new ArrayList<>())
                    .add(new String(record.value(), java.nio.charset.StandardCharsets.UTF_8));
        }
        assertThat(results).hasSize(commands.size());
        assertThat(results.values())
                .allSatisfy(bodies -> assertThat(bodies.stream().distinct()).hasSize(1));
    }

    private Map<String, List<Integer>> effects() throws SQLException {
        Map<String, List<Integer>> effects = new TreeMap<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + bench.file("one"));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT command, row FROM effects ORDER BY rowid")) {
            while (row.next()) {
                effects.computeIfAbsent(row.getString(1), command -> new ArrayList<>())
                        .add(row.getInt(2));
            }
        }
        return effects;
    }
}
