package dev.upkeep.bench.purge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.bench.report.Options;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PurgeBenchTest {
    @ParameterizedTest
    @ValueSource(strings = {"postgres", "sqlite"})
    void printsATableWithAllContendersForEachScenario(String engine) throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        Options tiny = Options.parse(List.of("--engine", engine, "--rows", "4000", "--idle", "0", "--warm-up", "0"));

        new PurgeBench().run(tiny, new PrintStream(printed, true, StandardCharsets.UTF_8));

        List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
        for (Scenario scenario : Scenario.values()) {
            assertThat(lines).anyMatch(line -> line.contains(scenario.title + ", 4,000 rows"));
        }
        assertThat(lines)
                .filteredOn(line -> line.contains("Upkeep, fast"))
                .hasSize(Scenario.values().length)
                .allMatch(line -> line.endsWith("| 2,000 |"));
        assertThat(lines).filteredOn(line -> line.contains("Upkeep, gentle")).hasSize(Scenario.values().length);
    }
}
