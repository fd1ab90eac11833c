package dev.upkeep.executor.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.task.Analyze;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.executor.operation.Done;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results and dead letters that a real broker finds too large: said as far as they fit, and in nobody's way. */
class OversizeTest {
    private final Random random = new Random(8);

    @TempDir
    Path folder;

    private Bench bench;

    @BeforeEach
    void start() {
        bench = new Bench(folder).start();
    }

    @AfterEach
    void close() {
        bench.close();
    }

    /** The broker looks at what producers send, which is compressed: what is to be too large must not compress well. */
    private void limit(Topic topic, int bytes) throws Exception {
        ConfigResource resource = new ConfigResource(
                ConfigResource.Type.TOPIC, bench.bus.kafka().topics().name(topic));
        ConfigEntry entry = new ConfigEntry("max.message.bytes", Integer.toString(bytes));
        try (Admin admin = Admin.create(bench.bus.kafka().admin())) {
            admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
    }

    private String text(int bytes) {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        return HexFormat.of().formatHex(content);
    }

    @Test
    void publishesAResultWithoutItsReportAndTheNextOneWhole() throws Exception {
        limit(Topic.RESULTS, 20_000);
        String report = text(25_000);
        bench.analyze.does((order, on, attempt) -> Done.succeeded(Map.of("found", report), List.of(), List.of()));
        Command large = bench.command("large", Bench.analyze());
        Command small = bench.command("small", bench.two, Vacuum.auto());

        bench.bus.send(large);
        bench.bus.send(small);

        Result shortened = bench.bus.result(large);
        assertThat(shortened.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(shortened.tasks()).singleElement().satisfies(task -> {
            assertThat(task.report().stream()).allMatch(JsonNode::isNull);
            assertThat(task.truncated()).isTrue();
        });
        assertThat(bench.bus.result(small).tasks().get(0).report()).isPresent();
        assertThat(bench.core().figures().oversized()).isEqualTo(1);
    }

    @Test
    void publishesNothingButHowItEndedWhereTheTaskItselfIsTooLarge() throws Exception {
        limit(Topic.RESULTS, 20_000);
        List<TableName> tables = IntStream.range(0, 800)
                .mapToObj(table -> TableName.parse("t" + text(15)))
                .toList();
        Command command = bench.command("tables", new Analyze(tables, false));

        bench.bus.send(command);

        Result result = bench.bus.result(command);
        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(result.tasks()).singleElement().satisfies(task -> {
            assertThat(task.task()).isEqualTo("analyze");
            assertThat(task.parameters()).isEmpty();
        });
    }

    @Test
    void givesUpAResultThatFitsInNoFormAndGoesOnWithTheNext() throws Exception {
        limit(Topic.RESULTS, 200);
        Command lost = bench.command("lost", Bench.analyze());
        bench.bus.send(lost);
        Awaitility.await()
                .until(() -> bench.core().figures().oversized() > 0
                        && bench.core().figures().unpublished() == 0);

        limit(Topic.RESULTS, 100_000);
        Command next = bench.command("next", Bench.analyze());
        bench.bus.send(next);

        assertThat(bench.bus.result(next).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(bench.bus.results(lost)).isEmpty();
        assertThat(bench.core().problems()).isEmpty();
    }

    @Test
    void publishesTheBeginningOfADeadLetterOrOnlyWhyItIsOne() throws Exception {
        limit(Topic.DEAD_LETTERS, 8_000);
        bench.bus.send(bench.executor, ("{\"command\": \"" + text(10_000)).getBytes(StandardCharsets.UTF_8));
        ConsumerRecord<String, byte[]> first =
                bench.bus.await(Topic.DEAD_LETTERS, 1).get(0);

        limit(Topic.DEAD_LETTERS, 1_200);
        bench.bus.send(bench.executor, ("{\"command\": \"" + text(10_000)).getBytes(StandardCharsets.UTF_8));
        ConsumerRecord<String, byte[]> second = bench.bus.await(Topic.DEAD_LETTERS, 2).stream()
                .filter(letter -> letter.value().length == 0)
                .findFirst()
                .orElseThrow();

        assertThat(first.value()).hasSize(1_024);
        assertThat(Records.header(first.headers(), Records.ERROR_CODE)).contains("malformed");
        assertThat(Records.header(second.headers(), Records.ERROR_CODE)).contains("malformed");
        assertThat(Records.header(second.headers(), "upkeep_source_offset")).isPresent();
    }
}
