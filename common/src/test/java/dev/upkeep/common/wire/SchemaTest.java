package dev.upkeep.common.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.upkeep.common.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The schemas in deploy/schemas are those of the records. {@code -Dupkeep.golden=write} writes them anew. */
class SchemaTest {
    private static final Path FILES = Path.of("../deploy/schemas");
    private static final ObjectMapper JSON = new ObjectMapper();

    static Stream<String> schemas() {
        return Schemas.all().keySet().stream();
    }

    static Stream<String> messages() {
        return Samples.messages().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void theFileIsTheSchemaOfTheRecord(String name) throws IOException {
        String generated = JSON.writerWithDefaultPrettyPrinter()
                        .writeValueAsString(Schemas.all().get(name))
                + "\n";
        Path file = FILES.resolve(name);
        if ("write".equals(System.getProperty("upkeep.golden"))) {
            Files.createDirectories(FILES);
            Files.writeString(file, generated);
        }

        assertThat(generated).isEqualTo(Files.readString(file));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void theSchemaTakesWhatIsWritten(String name) throws IOException {
        assertThat(schemaOf(name)
                        .validate(JSON.readTree(Wire.write(Samples.messages().get(name)))))
                .isEmpty();
    }

    @Test
    void theSchemaRefusesWhatTheReaderRefuses() throws IOException {
        String unknownTask = "{\"select\":{\"all\":true},\"tasks\":[{\"type\":\"drop-table\"}]}";
        String wrongType = "{\"policy\":\"nightly\",\"dryRun\":\"yes\"}";
        String nothing = "{}";

        assertThat(schemaOf("request").validate(JSON.readTree(unknownTask))).isNotEmpty();
        assertThat(schemaOf("request").validate(JSON.readTree(wrongType))).isNotEmpty();
        assertThat(schemaOf("request").validate(JSON.readTree(nothing))).isNotEmpty();
    }

    @Test
    void noSchemaIsWithoutItsMessage() throws IOException {
        try (Stream<Path> files = Files.list(FILES)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(Schemas.all().keySet());
        }
    }

    private static JsonSchema schemaOf(String message) throws IOException {
        String file = message.startsWith("request") ? "request" : message;
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(Files.readString(FILES.resolve(file + ".schema.json")));
    }
}
