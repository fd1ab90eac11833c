package dev.upkeep.reporter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The form of the dashboards, as far as it can be seen without a Grafana; that their queries have data is seen in deploy/e2e. */
class GrafanaTest {
    private static final Path GRAFANA = Path.of("..", "deploy", "grafana");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int COLUMNS = 24;
    /** Panels that every Grafana has. */
    private static final Set<String> CORE =
            Set.of("stat", "timeseries", "table", "bargauge", "gauge", "barchart", "state-timeline", "row", "text");

    static List<Path> dashboards() throws IOException {
        try (Stream<Path> files = Files.list(GRAFANA.resolve("dashboards"))) {
            return files.sorted().toList();
        }
    }

    @Test
    void theFiveAreThereAndNoTwoAreTheSameToGrafana() throws IOException {
        Set<String> ids = new HashSet<>();
        for (Path file : dashboards()) {
            ids.add(JSON.readTree(file.toFile()).path("uid").asText());
        }

        assertThat(dashboards().stream().map(file -> file.getFileName().toString()))
                .containsExactly(
                        "upkeep-backups.json",
                        "upkeep-database.json",
                        "upkeep-fleet.json",
                        "upkeep-purge.json",
                        "upkeep-system.json");
        assertThat(ids).hasSize(5).doesNotContain("");
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void eachPanelHasAPlaceOfItsOwnAndAQuery(Path file) throws IOException {
        JsonNode board = JSON.readTree(file.toFile());

        assertThat(board.path("title").asText()).startsWith("Upkeep: ");
        assertThat(board.path("schemaVersion").asInt()).as("Grafana 11's").isGreaterThanOrEqualTo(39);
        assertThat(board.path("id").isNull() || board.path("id").isMissingNode())
                .as("an id of one Grafana would clash in another")
                .isTrue();
        Set<Integer> ids = new HashSet<>();
        List<String> taken = new ArrayList<>();
        for (JsonNode panel : board.path("panels")) {
            String title = panel.path("title").asText();
            assertThat(ids.add(panel.path("id").asInt())).as(title).isTrue();
            assertThat(CORE).as(title).contains(panel.path("type").asText());
            assertThat(panel.path("datasource").path("uid").asText()).as(title).isEqualTo("${datasource}");
            taken.addAll(cells(panel.path("gridPos")));
            assertThat(panel.path("targets")).as(title).isNotEmpty().allSatisfy(target -> {
                assertThat(target.path("expr").asText()).isNotBlank();
                assertThat(target.path("refId").asText()).isNotBlank();
            });
        }
        assertThat(taken).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void eachVariableThatIsUsedIsDefined(Path file) throws IOException {
        JsonNode board = JSON.readTree(file.toFile());
        List<String> defined =
                new ArrayList<>(board.path("templating").path("list").findValuesAsText("name"));
        boolean usesDatabase = Files.readString(file).contains("\\\"$database\\\"");

        assertThat(defined).contains("datasource");
        assertThat(defined.contains("database")).isEqualTo(usesDatabase);
    }

    private static List<String> cells(JsonNode place) {
        int x = place.path("x").asInt();
        int width = place.path("w").asInt();
        assertThat(x + width).isBetween(1, COLUMNS);
        assertThat(place.path("h").asInt()).isPositive();
        List<String> cells = new ArrayList<>();
        for (int column = x; column < x + width; column++) {
            for (int row = 0; row < place.path("h").asInt(); row++) {
                cells.add(column + "/" + (place.path("y").asInt() + row));
            }
        }
        return cells;
    }
}
