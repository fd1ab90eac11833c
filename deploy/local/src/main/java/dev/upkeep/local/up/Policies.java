package dev.upkeep.local.up;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.upkeep.local.server.LocalFailure;
import dev.upkeep.local.server.LocalFailure.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** The names of the policies in a folder; all else about them is the scheduler's business. */
record Policies(Path folder) {
    List<String> names() {
        YAMLMapper yaml = new YAMLMapper();
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
                Iterator<JsonNode> documents =
                        yaml.readerFor(JsonNode.class).<JsonNode>readValues(Files.readAllBytes(file));
                documents.forEachRemaining(
                        document -> names.add(document.path("name").asText()));
            }
        } catch (IOException e) {
            throw new LocalFailure(Code.FOLDER, "policies in %s cannot be read: %s".formatted(folder, e), e);
        }
        return names;
    }
}
