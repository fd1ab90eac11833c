package dev.upkeep.common.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.common.Samples;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.task.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The wire format as files: a change of a contract shows here first. {@code -Dupkeep.golden=write} writes them anew. */
class GoldenTest {
    static final Path FILES = Path.of("src/test/resources/golden");
    private static final ObjectMapper PRETTY = new ObjectMapper();

    static Stream<String> names() {
        return all().keySet().stream();
    }

    static Map<String, Object> all() {
        Map<String, Object> all = new TreeMap<>(Samples.messages());
        Samples.tasks().forEach((name, task) -> all.put("task-" + name, task));
        return all;
    }

    @ParameterizedTest
    @MethodSource("names")
    void writesAsTheGoldenFileSays(String name) throws IOException {
        Object message = all().get(name);
        String written =
                PRETTY.writerWithDefaultPrettyPrinter().writeValueAsString(PRETTY.readTree(Wire.write(message))) + "\n";
        Path file = FILES.resolve(name + ".json");
        if ("write".equals(System.getProperty("upkeep.golden"))) {
            Files.writeString(file, written);
        }

        assertThat(written).isEqualTo(Files.readString(file));
    }

    @ParameterizedTest
    @MethodSource("names")
    void readsBackWhatItWrote(String name) throws Exception {
        Object message = all().get(name);
        Class<?> type = message instanceof Task
                ? Task.class
                : message.getClass().getInterfaces().length > 0 && name.startsWith("request")
                        ? Request.class
                        : message.getClass();

        Object read = Wire.read(Wire.write(message), type);

        assertThat(read).isEqualTo(message);
    }

    @Test
    void everyTaskOfTheCatalogueHasASample() {
        assertThat(Samples.tasks().keySet()).isEqualTo(Set.copyOf(Task.names()));
    }

    @Test
    void noGoldenFileIsWithoutItsMessage() throws IOException {
        try (Stream<Path> files = Files.list(FILES)) {
            assertThat(files.map(file -> file.getFileName().toString().replace(".json", "")))
                    .containsExactlyInAnyOrderElementsOf(all().keySet());
        }
    }
}
