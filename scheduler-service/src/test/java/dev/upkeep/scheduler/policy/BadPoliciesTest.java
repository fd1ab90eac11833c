package dev.upkeep.scheduler.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** More than fifty mistakes that people make in policy files; each is named with its line, its key and the rule. */
@TestInstance(Lifecycle.PER_CLASS)
class BadPoliciesTest {
    private Path folder = Path.of("unset");
    private Policies policies = new Policies(folder);
    private List<Policy> before = List.of();

    @BeforeAll
    void aGoodPolicyIsInForce(@TempDir Path temporary) throws IOException {
        folder = temporary;
        Files.writeString(folder.resolve("good.yaml"), """
                name: good
                select: {all: true}
                schedule: {every: 1h}
                tasks: [{type: analyze}]
                """);
        policies = new Policies(folder);
        policies.reload();
        before = List.copyOf(policies.inForce().all());
        assertThat(before).hasSize(1);
    }

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
    void isNamedWithFileLineKeyAndRuleAndChangesNothing(Mistake mistake) throws IOException {
        Path file = folder.resolve("bad.yaml");
        try {
            Files.writeString(file, mistake.yaml());
            policies.reload();
        } finally {
            Files.delete(file);
        }

        assertThat(List.copyOf(policies.inForce().all())).isEqualTo(before);
        assertThat(policies.errors()).singleElement().satisfies(error -> {
            assertThat(error.file()).isEqualTo("bad.yaml");
            assertThat(error.line()).isEqualTo(mistake.line());
            assertThat(error.key()).isEqualTo(mistake.key());
            assertThat(error.message())
                    .contains(mistake.rule())
                    .doesNotContain("dev.upkeep")
                    .doesNotContain("java.");
            assertThat(error.toString())
                    .isEqualTo("bad.yaml:" + mistake.line() + ": "
                            + (mistake.key().isEmpty() ? "" : mistake.key() + ": ") + error.message());
        });
    }

    @Test
    void aFolderFullOfMistakesNamesEachOfThemOnce() throws IOException {
        List<Mistake> mistakes = mistakes();
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < mistakes.size(); i++) {
            files.add(Files.writeString(
                    folder.resolve("bad-" + i + ".yaml"), mistakes.get(i).yaml()));
        }
        policies.reload();
        Map<String, PolicyError> errors = policies.errors().stream()
                .collect(Collectors.toMap(PolicyError::file, error -> error, (one, other) -> one));
        for (Path file : files) {
            Files.delete(file);
        }

        assertThat(List.copyOf(policies.inForce().all())).isEqualTo(before);
        for (int i = 0; i < mistakes.size(); i++) {
            // a chain is only looked at once every file by itself is good
            if (!mistakes.get(i).rule().matches("must (be the name of a policy|not lead back).*")) {
                PolicyError error = errors.get("bad-" + i + ".yaml");
                assertThat(error).as(mistakes.get(i).toString()).isNotNull();
                assertThat(error.line()).isEqualTo(mistakes.get(i).line());
            }
        }
    }

    @Test
    void thereAreAtLeastFiftyEachOfAKeyAndARuleOfItsOwn() {
        List<Mistake> mistakes = mistakes();

        assertThat(mistakes).allSatisfy(mistake -> assertThat(mistake.rule()).isNotBlank());
        assertThat(mistakes.stream().map(Mistake::yaml)).doesNotHaveDuplicates();
        assertThat(mistakes.stream().map(Mistake::toString).distinct()).hasSizeGreaterThanOrEqualTo(60);
    }
}
