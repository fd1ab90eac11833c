package dev.upkeep.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The names of Upkeep's metrics: as docs/metrics.md has them, as services show them, and as the executor's code measures them. */
record MetricNames(Path home) {
    private static final Pattern IN_TABLES = Pattern.compile("`(upkeep_[a-z0-9_]+)`");
    private static final Pattern SHOWN = Pattern.compile("(?m)^# TYPE (upkeep_[a-z0-9_]+) (\\w+)");
    private static final Pattern MEASURED = Pattern.compile(
            "(?:Measurement\\s*\\.\\s*(gauge)|(?:Measurement\\s*\\.\\s*)?\\b(count))\\(\\s*\"([a-z0-9_]+)\",\\s*\"([a-z0-9_]+)\"");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** Those in the tables of the page. */
    Set<String> documented() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String line : Files.readAllLines(home.resolve("docs/metrics.md"))) {
            if (line.startsWith("| `upkeep_")) {
                IN_TABLES.matcher(line).results().forEach(found -> names.add(found.group(1)));
            }
        }
        return names;
    }

    /** Those that the service at this address shows now: samples of counters end in {@code _total}, a time's maximum is of the time. */
    static Set<String> shown(String service) throws IOException, InterruptedException {
        HttpResponse<String> page = HTTP.send(
                HttpRequest.newBuilder(URI.create(service + "/metrics")).build(), HttpResponse.BodyHandlers.ofString());
        Set<String> names = new TreeSet<>();
        SHOWN.matcher(page.body())
                .results()
                .map(found -> found.group(2).equals("counter")
                        ? found.group(1).replaceFirst("(_total)?$", "_total")
                        : found.group(1).replaceFirst("_max$", ""))
                .forEach(names::add);
        return names;
    }

    /** Those that the reporter makes of what the executor's operations measure. */
    Set<String> measured() throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.walk(home.resolve("executor-service/src/main/java"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                Matcher matcher = MEASURED.matcher(Files.readString(file));
                while (matcher.find()) {
                    String name = matcher.group(3);
                    String unit = matcher.group(4);
                    String full = name.endsWith("_" + unit) || name.equals(unit) ? name : name + "_" + unit;
                    names.add("upkeep_" + full + (matcher.group(2) == null ? "" : "_total"));
                }
            }
        }
        return names;
    }
}
