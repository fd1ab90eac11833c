package dev.upkeep.scheduler.policy;

import dev.upkeep.common.id.PolicyName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
        if (errors.isEmpty()) {
            contents.forEach((file, content) -> policies.values().stream()
                    .filter(policy -> file.equals(files.get(policy.name())))
                    .forEach(policy -> brokenChain(policy, policies)
                            .ifPresent(why -> errors.add(chainError(file, content, policy, why)))));
        }
        return new Reading(new PolicySet(policies), List.copyOf(errors));
    }

    /** Why the chain that this policy belongs to leads nowhere. */
    private static Optional<String> brokenChain(Policy policy, Map<PolicyName, Policy> policies) {
        Set<PolicyName> seen = new HashSet<>();
        Policy link = policy;
        while (link.schedule().after().isPresent()) {
            PolicyName before = link.schedule().after().get().policy();
            Policy next = policies.get(before);
            if (!seen.add(before) || before.equals(policy.name())) {
                return Optional.of("must not lead back to itself");
            }
            if (next == null) {
                return link.name().equals(policy.name())
                        ? Optional.of("must be the name of a policy in this folder")
                        : Optional.empty();
            }
            if (next.schedule().onFinding().isPresent()) {
                return Optional.of("must be a policy that fires by cron, every or after");
            }
            link = next;
        }
        return Optional.empty();
    }

    private static PolicyError chainError(String file, byte[] content, Policy policy, String rule) {
        int line = YamlNodes.of(content).line(List.of("schedule", "after", "policy"));
        String name = policy.schedule().after().orElseThrow().policy().text();
        return new PolicyError(file, line, "schedule.after.policy", name + " (" + rule + ")");
    }
}
