package dev.upkeep.scheduler.policy;

import dev.upkeep.common.id.PolicyName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Reads all policy files of a folder ({@code *.yaml}, {@code *.yml}; one policy each; names that start with a dot are left
 * alone) and checks them as a whole: either all are good, or none is taken and every mistake is named.
 */
final class PolicyFolder {
    private static final long LARGEST = 128 * 1024;

    private PolicyFolder() {}

    /** What reading the folder came to; {@code policies} counts only without errors. */
    record Reading(PolicySet policies, List<PolicyError> errors) {}

    /** The content of each policy file by name. */
    static Map<String, byte[]> contents(Path folder) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(PolicyFolder::isPolicy).toList()) {
                Optional<byte[]> content = content(file);
                content.ifPresent(bytes -> contents.put(file.getFileName().toString(), bytes));
            }
        }
        return contents;
    }

    /** Empty for a file that was removed between listing and reading. */
    private static Optional<byte[]> content(Path file) throws IOException {
        try {
            return Optional.of(Files.size(file) > LARGEST ? new byte[0] : Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static boolean isPolicy(Path file) {
        String name = file.getFileName().toString();
        return !name.startsWith(".") && (name.endsWith(".yaml") || name.endsWith(".yml")) && Files.isRegularFile(file);
    }

    static Reading read(Map<String, byte[]> contents) {
        List<PolicyError> errors = new ArrayList<>();
        Map<PolicyName, Policy> policies = new LinkedHashMap<>();
        Map<PolicyName, String> files = new LinkedHashMap<>();
        contents.forEach((file, content) -> {
            if (content.length == 0) {
                errors.add(new PolicyError(file, 1, "", "is empty, or larger than 128 KiB"));
                return;
            }
            PolicyText.Reading reading = PolicyText.read(file, content);
            errors.addAll(reading.errors());
            reading.policy().ifPresent(policy -> {
                String other = files.putIfAbsent(policy.name(), file);
                if (other != null) {
                    errors.add(new PolicyError(
                            file, 1, "name", policy.name().text() + " (is already taken by " + other + ")"));
                }
                policies.put(policy.name(), policy);
            });
        });
        return new Reading(new PolicySet(policies), List.copyOf(errors));
    }
}
