package dev.upkeep.executor.operation.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The tables of docs/health-checks.md are those of the code. {@code -Dupkeep.golden=write} writes them anew. */
class ChecksDocumentTest {
    private static final Path FILE = Path.of("../docs/health-checks.md");

    @Test
    void documentsEveryCheckWithItsUnitAndLimits() throws Exception {
        String written = Files.readString(FILE);
        String expected = with(with(written, "postgresql", PostgresChecks.ALL), "sqlite", SqliteChecks.ALL);
        if ("write".equals(System.getProperty("upkeep.golden"))) {
            Files.writeString(FILE, expected);
        }

        assertThat(Files.readString(FILE)).isEqualTo(expected);
    }

    private static String with(String text, String engine, List<CheckRule> rules) {
        String start = "<!-- checks: " + engine + " -->\n";
        String end = "<!-- end: " + engine + " -->";
        assertThat(text).contains(start, end);
        StringBuilder table =
                new StringBuilder("| check | unit | warning | critical | what is judged |\n|---|---|---|---|---|\n");
        for (CheckRule rule : rules) {
            table.append("| `%s` | %s | %s | %s | %s |%n"
                    .formatted(
                            rule.name(),
                            rule.unit().name().toLowerCase(java.util.Locale.ROOT),
                            limit(rule, rule.warning()),
                            limit(rule, rule.critical()),
                            rule.meaning()));
        }
        return text.substring(0, text.indexOf(start) + start.length()) + table + text.substring(text.indexOf(end));
    }

    private static String limit(CheckRule rule, Optional<Double> limit) {
        String sign = rule.bad() == CheckRule.Side.ABOVE ? "≥ " : "≤ ";
        return limit.map(value -> sign + rule.unit().say(value)).orElse("–");
    }
}
