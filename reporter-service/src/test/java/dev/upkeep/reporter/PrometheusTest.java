package dev.upkeep.reporter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.local.outside.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The files of deploy/prometheus, checked by Prometheus' own tools; that every query has data is seen in deploy/e2e. */
class PrometheusTest {
    private static final Path DEPLOY = Path.of("..", "deploy").toAbsolutePath().normalize();

    @BeforeAll
    static void install() {
        assertThat(Program.run(DEPLOY.resolve("prometheus/install.sh").toString()))
                .isEmpty();
    }

    @Test
    void promtoolFindsTheRulesSoundAndTheirTestsPass() {
        String rules = DEPLOY.resolve("prometheus/rules").toString();

        assertThat(Program.run("promtool", "check", "rules", rules + "/alerts.yml", rules + "/recording.yml"))
                .isEmpty();
        assertThat(Program.run(
                        "promtool",
                        "check",
                        "config",
                        DEPLOY.resolve("prometheus/prometheus.yml").toString()))
                .isEmpty();
        assertThat(Program.run(
                        "promtool",
                        "test",
                        "rules",
                        DEPLOY.resolve("prometheus/tests/rules.test.yml").toString()))
                .isEmpty();
    }

    @Test
    void everyRunbookThatARuleNamesIsThere() throws IOException {
        String alerts = Files.readString(DEPLOY.resolve("../docs/alerts.md"));
        List<String> named = new ArrayList<>();
        Matcher links = Pattern.compile("docs/alerts\\.md#([a-z-]+)")
                .matcher(Files.readString(DEPLOY.resolve("prometheus/rules/alerts.yml")));
        while (links.find()) {
            named.add(links.group(1));
        }
        Matcher builtIn = Pattern.compile("- name: ([a-z-]+)")
                .matcher(Files.readString(Path.of("src/main/resources/alert-rules.yaml")));
        while (builtIn.find()) {
            named.add(builtIn.group(1));
        }

        assertThat(named)
                .hasSizeGreaterThan(20)
                .allSatisfy(name -> assertThat(alerts).contains("\n## " + name + "\n"));
    }
}
