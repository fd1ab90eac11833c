package dev.upkeep.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Every query in deploy/grafana and deploy/prometheus. */
record Queries(Path deploy) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Pattern VARIABLE = Pattern.compile("label_values\\((.*), *\\w+\\)");
    private static final Pattern COMPARISON = Pattern.compile(" (==|!=|>=|<=|>|<) ");

    /** Queries of panels and of variables, as Grafana would ask them about all databases. */
    List<String> ofDashboards() throws IOException {
        List<String> queries = new ArrayList<>();
        for (Path board : dashboards()) {
            JsonNode tree = JSON.readTree(board.toFile());
            for (JsonNode panel : tree.path("panels")) {
                for (JsonNode target : panel.path("targets")) {
                    queries.add(target.path("expr")
                            .asText()
                            .replace("$database", ".*")
                            .replace("$__rate_interval", "1m")
                            .replace("$__range", "5m"));
                }
            }
            for (JsonNode variable : tree.path("templating").path("list")) {
                Matcher values = VARIABLE.matcher(variable.path("query")
                        .path("query")
                        .asText(variable.path("query").asText()));
                if (values.matches()) {
                    queries.add(values.group(1));
                }
            }
        }
        return queries;
    }

    /** Recording rules and what they record; of alert rules, which hold only in trouble, what they compare. */
    List<String> ofRules() throws IOException {
        List<String> queries = new ArrayList<>();
        for (String file : List.of("recording.yml", "alerts.yml")) {
            JsonNode groups = YAML.readTree(
                            deploy.resolve("prometheus/rules").resolve(file).toFile())
                    .path("groups");
            for (JsonNode group : groups) {
                for (JsonNode rule : group.path("rules")) {
                    String expression = rule.path("expr").asText();
                    queries.add(rule.has("record") ? expression : compared(expression));
                    if (rule.has("record")) {
                        queries.add(rule.path("record").asText());
                    }
                }
            }
        }
        return queries;
    }

    private static String compared(String expression) {
        Matcher comparison = COMPARISON.matcher(expression);
        return comparison.find() ? expression.substring(0, comparison.start()) : expression;
    }

    private List<Path> dashboards() throws IOException {
        try (Stream<Path> files = Files.list(deploy.resolve("grafana/dashboards"))) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }
}
