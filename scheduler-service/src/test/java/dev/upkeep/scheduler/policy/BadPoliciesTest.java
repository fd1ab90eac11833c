package dev.upkeep.scheduler.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** More than fifty mistakes that people make in policy files; each is named with its line, its key and the rule. */
class BadPoliciesTest {
    record Mistake(int line, String key, String rule, String yaml) {
        static Mistake parse(String section) {
            String[] headAndBody = section.split("\n", 2);
            String[] head = headAndBody[0].split("\\|", -1);
            return new Mistake(
                    Integer.parseInt(head[0].strip()),
                    head[1].strip(),
                    head[2].strip(),
                    headAndBody[1].stripTrailing());
        }

        @Override
        public String toString() {
            return key + " " + rule;
        }
    }

    static List<Mistake> mistakes() {
        try (var in = BadPoliciesTest.class.getResourceAsStream("/policies/bad.txt")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Stream.of(text.split("(?m)^### ", -1))
                    .filter(section -> !section.isBlank())
                    .map(Mistake::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void isNamedWithLineKeyAndRule(Mistake mistake) {
        PolicyFolder.Reading reading =
                PolicyFolder.read(Map.of("bad.yaml", mistake.yaml().getBytes(StandardCharsets.UTF_8)));

        assertThat(reading.errors()).hasSize(1);
        PolicyError error = reading.errors().get(0);
        assertThat(error.toString())
                .isEqualTo("bad.yaml:" + mistake.line() + ": " + (mistake.key().isEmpty() ? "" : mistake.key() + ": ")
                        + error.message());
        assertThat(error.message())
                .contains(mistake.rule())
                .doesNotContain("dev.upkeep")
                .doesNotContain("java.");
    }

    @Test
    void thereAreAtLeastFifty() {
        assertThat(mistakes()).hasSizeGreaterThanOrEqualTo(50).doesNotHaveDuplicates();
        assertThat(Arrays.asList(Missed.values())).hasSize(3);
    }
}
