package dev.upkeep.executor.operation.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every check of every engine has a test that makes its fault: one whose text names the check. The table in docs/health-checks.md says
 * which; {@code -Dupkeep.golden=write} writes it anew.
 */
class PlantedFaultsTest {
    private static final Path FILE = Path.of("../docs/health-checks.md");
    private static final Path SOURCES = Path.of("src/test/java/dev/upkeep/executor/operation/health");
    private static final String START = "<!-- planted faults -->\n";
    private static final String END = "<!-- end: planted faults -->";
    private static final List<Class<?>> OF_POSTGRESQL = List.of(
            PostgresWornServerTest.class,
            PostgresFaultsTest.class,
            PostgresServerFaultsTest.class,
            PostgresHealthTest.class);
    private static final List<Class<?>> OF_SQLITE = List.of(SqliteHealthTest.class, HostDisksTest.class);

    @Test
    void areMadeForEveryCheck() throws Exception {
        Map<String, String> postgresql = tests(PostgresChecks.ALL, OF_POSTGRESQL);
        // the host's disks and the backups are looked at by the same code for both engines
        Map<String, String> sqlite = tests(SqliteChecks.ALL, OF_SQLITE);
        List<String> ofHost = Stream.concat(HostChecks.DISKS.stream(), HostChecks.BACKUPS.stream())
                .map(CheckRule::name)
                .toList();
        sqlite.forEach((check, test) -> {
            if (ofHost.contains(check)) {
                postgresql.putIfAbsent(check, test);
            }
        });

        assertThat(postgresql.keySet()).containsAll(names(PostgresChecks.ALL));
        assertThat(sqlite.keySet()).containsAll(names(SqliteChecks.ALL));
        assertDocumented(table(postgresql, sqlite));
    }

    private static List<String> names(List<CheckRule> rules) {
        return rules.stream().map(CheckRule::name).toList();
    }

    /** By check: the first test whose text names it. */
    private static Map<String, String> tests(List<CheckRule> rules, List<Class<?>> classes) throws Exception {
        Map<String, String> found = new TreeMap<>();
        for (Class<?> each : classes) {
            String source = Files.readString(SOURCES.resolve(each.getSimpleName() + ".java"));
            List<Method> methods = Arrays.stream(each.getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(Test.class))
                    .toList();
            for (CheckRule rule : rules) {
                methods.stream()
                        .filter(method -> names(body(source, method.getName()), rule.name()))
                        .map(Method::getName)
                        .min(java.util.Comparator.comparingInt(name -> source.indexOf("void " + name + "(")))
                        .ifPresent(
                                name -> found.putIfAbsent(rule.name(), "`" + each.getSimpleName() + "." + name + "`"));
            }
        }
        return found;
    }

    private static boolean names(String text, String check) {
        return text.contains("\"" + check + "\"")
                || text.contains(check + " CRITICAL")
                || text.contains(check + " WARNING");
    }

    private static String body(String source, String method) {
        int start = source.indexOf("void " + method + "(");
        int next = source.indexOf("    @Test", start);
        return source.substring(start, next < 0 ? source.length() : next);
    }

    private static String table(Map<String, String> postgresql, Map<String, String> sqlite) {
        String rows = Stream.concat(postgresql.keySet().stream(), sqlite.keySet().stream())
                .distinct()
                .sorted()
                .map(check -> "| `" + check + "` | " + postgresql.getOrDefault(check, "–") + " | "
                        + sqlite.getOrDefault(check, "–") + " |\n")
                .collect(Collectors.joining());
        return "| check | PostgreSQL | SQLite |\n|---|---|---|\n" + rows;
    }

    private static void assertDocumented(String table) throws Exception {
        String written = Files.readString(FILE);
        assertThat(written).contains(START, END);
        String expected = written.substring(0, written.indexOf(START) + START.length())
                + table
                + written.substring(written.indexOf(END));
        if ("write".equals(System.getProperty("upkeep.golden"))) {
            Files.writeString(FILE, expected);
        }
        assertThat(Files.readString(FILE)).isEqualTo(expected);
    }
}
