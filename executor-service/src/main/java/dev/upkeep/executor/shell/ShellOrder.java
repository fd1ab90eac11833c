package dev.upkeep.executor.shell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.wire.Durations;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * What was asked for on the command line.
 *
 * @param isJson whether the result is printed as JSON
 */
record ShellOrder(
        Task task, DatabaseId database, boolean dryRun, Optional<String> planHash, Duration timeLimit, boolean isJson) {
    static final String USAGE = """
            usage: upkeep exec <task> --database <id> [key=value ...] [options]
              key=value              a parameter of the task; the value is JSON, or a text: profile=full tables='["events"]'
              --dry-run              say what would be done, and change nothing
              --plan-hash <hash>     do it only if the plan still has this hash
              --time-limit <time>    stop after this, such as 30m; 1h if absent
              --output json|table    how to print the result; a table if absent
            exit status: 0 all is well, 1 warnings or out of time, 2 critical, refused or failed
            """;

    /** @throws InvalidValue saying what cannot be understood */
    static ShellOrder parse(List<String> arguments) {
        if (arguments.isEmpty() || arguments.get(0).startsWith("-")) {
            throw new InvalidValue("task", "absent", "must be one of " + String.join(", ", Task.names()));
        }
        ObjectNode task = JsonNodeFactory.instance.objectNode().put("type", arguments.get(0));
        Optional<String> database = Optional.empty();
        Optional<String> planHash = Optional.empty();
        Duration timeLimit = Duration.ofHours(1);
        boolean dryRun = false;
        boolean isJson = false;
        Iterator<String> rest = arguments.subList(1, arguments.size()).iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            switch (argument) {
                case "--database" -> database = Optional.of(value(argument, rest));
                case "--plan-hash" -> planHash = Optional.of(value(argument, rest));
                case "--time-limit" -> timeLimit = Durations.parse(value(argument, rest));
                case "--dry-run" -> dryRun = true;
                case "--output" -> isJson = isJson(value(argument, rest));
                default -> parameter(task, argument);
            }
        }
        if (database.isEmpty()) {
            throw new InvalidValue("--database", "absent", "is required");
        }
        return new ShellOrder(task(task), new DatabaseId(database.get()), dryRun, planHash, timeLimit, isJson);
    }

    private static String value(String option, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new InvalidValue(option, "absent", "needs a value");
        }
        return rest.next();
    }

    private static boolean isJson(String output) {
        if (!output.equals("json") && !output.equals("table")) {
            throw new InvalidValue("--output", output, "must be json or table");
        }
        return output.equals("json");
    }

    private static void parameter(ObjectNode task, String argument) {
        int equals = argument.indexOf('=');
        if (argument.startsWith("-") || equals < 1) {
            throw new InvalidValue("argument", argument, "must be an option or key=value");
        }
        String value = argument.substring(equals + 1);
        task.set(argument.substring(0, equals), json(value));
    }

    private static JsonNode json(String value) {
        try {
            JsonNode tree = Wire.readTree(value.getBytes(StandardCharsets.UTF_8));
            return tree.isMissingNode() ? JsonNodeFactory.instance.textNode(value) : tree;
        } catch (UncheckedIOException e) {
            return JsonNodeFactory.instance.textNode(value);
        }
    }

    private static Task task(ObjectNode tree) {
        try {
            return Wire.read(tree, Task.class);
        } catch (Unreadable e) {
            throw new InvalidValue(
                    "task", tree.path("type").asText(), e.reason().message());
        }
    }
}
