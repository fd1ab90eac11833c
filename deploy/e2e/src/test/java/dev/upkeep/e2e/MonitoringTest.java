package dev.upkeep.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.run.RunState;
import dev.upkeep.local.outside.Prometheus;
import dev.upkeep.local.up.ServiceProcess;
import dev.upkeep.local.up.Services;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Dashboards and rules on a real Prometheus, fed by nothing but the system's own work and by what went wrong in it. */
class MonitoringTest {
    private static final Duration SCRAPES = Duration.ofMinutes(2);

    private final WholeSystem whole = WholeSystem.get();
    private final Bus bus = whole.bus();
    private final Queries queries = new Queries(WholeSystem.home().resolve("deploy"));

    @Test
    void everyQueryOfEveryDashboardAndRuleReturnsData() throws Exception {
        List<String> runs = new ArrayList<>();
        for (String policy : policies()) {
            runs.add(ordered("\"policy\": \"" + policy + "\""));
        }
        runs.add(ordered("""
                "select": {"databases": ["queue"]}, "tasks": [{"type": "health-check", "profile": "quick",
                "thresholds": {"database-size": {"warning": 1, "critical": 2}}}]"""));
        bus.publish("{\"id\": \"unreadable-" + UUID.randomUUID() + "\", ");
        await().atMost(SCRAPES).untilAsserted(() -> assertThat(runs).allMatch(this::isOver));

        List<String> silent = new ArrayList<>(queries.ofDashboards());
        silent.addAll(queries.ofRules());
        assertThat(silent).hasSizeGreaterThan(50).noneMatch(String::isBlank);
        try (BrokenBackups broken = BrokenBackups.of(whole.system().backups().resolve("queue"));
                Prometheus prometheus = Prometheus.start(WholeSystem.home(), targets())) {
            String run = ordered("\"select\": {\"databases\": [\"queue\"]}, \"tasks\": [{\"type\": \"backup\"}],"
                    + " \"finishWithin\": \"20s\"");
            await().atMost(WholeSystem.PATIENCE).until(() -> bus.ended(run).isPresent());
            assertThat(bus.results(run)).extracting(result -> result.outcome()).containsOnly(Outcome.FAILED);

            await().atMost(SCRAPES).pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> {
                silent.removeIf(prometheus::returnsData);
                assertThat(silent).as("queries without data").isEmpty();
            });
            for (String service : List.of("scheduler", "executor", "reporter")) {
                assertThat(prometheus.returnsData("up{job=\"upkeep-" + service + "\"} == 1"))
                        .as("scrape of the " + service)
                        .isTrue();
            }
            assertThat(prometheus.returnsData("upkeep_no_such_metric")).isFalse();
            assertThat(broken.folder()).isRegularFile();
            bus.publishResult(forged());
            await().atMost(SCRAPES)
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(this::everyMetricIsDocumentedAndEveryDocumentedOneIsThere);
        }
        String mended = ordered("\"select\": {\"databases\": [\"queue\"]}, \"tasks\": [{\"type\": \"backup\"}]");
        await().atMost(WholeSystem.PATIENCE).until(() -> bus.ended(mended).isPresent());
        assertThat(bus.results(mended)).extracting(result -> result.outcome()).containsOnly(Outcome.SUCCEEDED);
    }

    private void everyMetricIsDocumentedAndEveryDocumentedOneIsThere() throws Exception {
        MetricNames names = new MetricNames(WholeSystem.home());
        Services services = whole.system().services();
        Set<String> shown = new TreeSet<>();
        for (ServiceProcess service : List.of(services.scheduler(), services.executor(), services.reporter())) {
            shown.addAll(MetricNames.shown(service.url()));
        }
        Set<String> measured = names.measured();
        assertThat(measured).hasSizeGreaterThan(70);
        Set<String> there = new TreeSet<>(shown);
        there.addAll(measured);

        assertThat(names.documented()).as("metrics that are there").containsAll(there);
        assertThat(there).as("metrics that docs/metrics.md has").containsAll(names.documented());
    }

    /** What nobody asked for, of an executor that nobody knows. */
    private Result forged() {
        Result good = bus.resultsByRun().values().stream()
                .flatMap(List::stream)
                .filter(result -> result.database().text().equals("queue"))
                .findFirst()
                .orElseThrow();
        return new Result(
                new CommandId("forged/queue"),
                new RunId("forged"),
                good.origin(),
                good.database(),
                new ExecutorId("nobody"),
                good.asOf(),
                good.dryRun(),
                good.outcome(),
                good.reasons(),
                good.attempts(),
                good.receivedAt(),
                good.startedAt(),
                good.endedAt(),
                good.tasks());
    }

    /** Ended, or skipped because the schedule's own run of the policy was under way. */
    private boolean isOver(String run) {
        return bus.run(run)
                .filter(state -> state.status() != RunState.Status.ACCEPTED)
                .isPresent();
    }

    /** A request of its own id; returns its run. */
    private String ordered(String what) throws Exception {
        String id = "monitoring-" + UUID.randomUUID();
        bus.publish("{\"id\": \"" + id + "\", " + what + "}");
        return id;
    }

    private static List<String> policies() throws Exception {
        try (Stream<Path> files = Files.list(WholeSystem.home().resolve("deploy/local/policies"))) {
            return files.map(file -> file.getFileName().toString().replace(".yaml", ""))
                    .sorted()
                    .toList();
        }
    }

    private Map<String, String> targets() {
        Services services = whole.system().services();
        Map<String, String> targets = new HashMap<>();
        targets.put("127.0.0.1:8081", address(services.scheduler()));
        targets.put("127.0.0.1:8082", address(services.executor()));
        targets.put("127.0.0.1:8083", address(services.reporter()));
        return targets;
    }

    private static String address(ServiceProcess service) {
        return service.url().replace("http://", "");
    }
}
