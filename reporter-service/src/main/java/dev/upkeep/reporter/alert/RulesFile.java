package dev.upkeep.reporter.alert;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The rules as a YAML file; names are unique. */
record RulesFile(List<Rule> rules) {
    RulesFile {
        rules = Check.notEmpty("rules", rules);
        Set<String> names = new HashSet<>();
        for (Rule rule : rules) {
            if (!names.add(rule.name())) {
                throw new InvalidValue("rules.name", rule.name(), "must be unique");
            }
        }
    }

    /** Reads the file, or the built-in rules; a mistake stops the start and says where it is. */
    static List<Rule> load(Optional<Path> file) {
        String source = file.map(Path::toString).orElse("alert-rules.yaml (built in)");
        try {
            byte[] content = file.isPresent() ? Files.readAllBytes(file.get()) : builtIn();
            return Wire.readYaml(content, RulesFile.class).rules();
        } catch (Unreadable e) {
            throw new InvalidValue(
                    "upkeep.alerts.rules-file", source, e.reason().message());
        } catch (IOException e) {
            throw new InvalidValue("upkeep.alerts.rules-file", source, "cannot be read: " + e);
        }
    }

    private static byte[] builtIn() throws IOException {
        try (InputStream stream = RulesFile.class.getResourceAsStream("/alert-rules.yaml")) {
            if (stream == null) {
                throw new IOException("alert-rules.yaml is not in the application");
            }
            return stream.readAllBytes();
        }
    }
}
