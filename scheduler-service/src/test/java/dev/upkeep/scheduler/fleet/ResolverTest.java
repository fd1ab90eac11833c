package dev.upkeep.scheduler.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.Step;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.request.Selector;
import dev.upkeep.common.task.Analyze;
import dev.upkeep.common.task.Checkpoint;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.scheduler.fixture.Fixtures;
import dev.upkeep.scheduler.run.TargetsHash;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which databases a selector means, by a small fleet of which each database differs from the others. */
class ResolverTest {
    private static final Instant NOW = Instant.parse("2026-11-21T02:00:00Z");
    private static final List<Step> ANALYZE = List.of(Step.of(new Analyze(List.of(), false)));

    private final List<Registration> fleet = List.of(
            Fixtures.executor(
                    "db7",
                    NOW,
                    List.of(
                            database("db7/gold", Engine.POSTGRESQL, Map.of("env", "prod", "tier", "gold")),
                            database("db7/old", Engine.POSTGRESQL, Map.of("env", "prod", "legacy", "yes")))),
            Fixtures.executor(
                    "edge-1",
                    NOW,
                    List.of(
                            database("edge/queue", Engine.SQLITE, Map.of("env", "prod", "tier", "silver")),
                            database("edge/test", Engine.SQLITE, Map.of("env", "test", "tier", "bronze")))),
            Fixtures.executor("edge-2", NOW, List.of(database("plain", Engine.SQLITE, Map.of()))));

    private static RegisteredDatabase database(String id, Engine engine, Map<String, String> labels) {
        List<String> tasks =
                Task.names().stream().filter(name -> !name.equals("checkpoint")).toList();
        return new RegisteredDatabase(
                new DatabaseId(id),
                engine,
                Optional.of("1"),
                labels,
                Optional.empty(),
                engine == Engine.SQLITE ? Task.names() : tasks,
                List.of());
    }

    private static Selector selector(String yaml) throws Unreadable {
        return Wire.readYaml(yaml.getBytes(StandardCharsets.UTF_8), Selector.class);
    }

    private static List<String> names(List<Candidate> candidates) {
        return candidates.stream()
                .map(candidate -> candidate.database().id().text())
                .toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {all: true}                                                 | db7/gold db7/old edge/queue edge/test plain
            {labels: [env=prod]}                                        | db7/gold db7/old edge/queue
            {labels: ["env!=prod"]}                                     | edge/test plain
            {labels: ["tier in (gold, silver)"]}                        | db7/gold edge/queue
            {labels: ["tier notin (gold, silver)"]}                     | db7/old edge/test plain
            {labels: [tier]}                                            | db7/gold edge/queue edge/test
            {labels: ["!tier"]}                                         | db7/old plain
            {labels: [env=prod, "!legacy"]}                             | db7/gold edge/queue
            {engines: [sqlite]}                                         | edge/queue edge/test plain
            {engines: [sqlite, postgresql], labels: [env=prod]}         | db7/gold db7/old edge/queue
            {databases: ["edge/*"]}                                     | edge/queue edge/test
            {databases: ["*/?ld", plain]}                               | db7/old plain
            {databases: ["EDGE/*"]}                                     | -
            {executors: ["edge-?"]}                                     | edge/queue edge/test plain
            {executors: [db7], databases: ["*/old"]}                    | db7/old
            {executors: [db7], engines: [sqlite]}                       | -
            """)
    void meansWhatAllPartsOfItSay(String select, String expected) throws Unreadable {
        List<Candidate> found = Resolver.resolve(selector(select), ANALYZE, fleet, NOW);

        assertThat(names(found)).isEqualTo(expected.equals("-") ? List.of() : Arrays.asList(expected.split(" ", -1)));
    }

    @Test
    void namesTheExecutorThatCannotDoATask() throws Unreadable {
        List<Candidate> found = Resolver.resolve(selector("{all: true}"), List.of(Step.of(checkpoint())), fleet, NOW);

        assertThat(found)
                .filteredOn(candidate -> candidate.refusal().isPresent())
                .extracting(candidate -> candidate.database().id().text())
                .containsExactly("db7/gold", "db7/old");
        assertThat(found.get(0).refusal().orElseThrow().message())
                .contains("executor db7", "offers no checkpoint for db7/gold");
    }

    private static Task checkpoint() throws Unreadable {
        return Wire.read("{\"type\": \"checkpoint\"}".getBytes(StandardCharsets.UTF_8), Checkpoint.class);
    }

    @Test
    void givesADatabaseThatTwoClaimToTheOneThatIsHeardOf() throws Unreadable {
        RegisteredDatabase both = database("both", Engine.SQLITE, Map.of());
        List<Registration> claims = new ArrayList<>(List.of(
                Fixtures.executor("a-silent", NOW.minus(Duration.ofHours(1)), List.of(both)),
                Fixtures.executor("b-heard", NOW, List.of(both)),
                Fixtures.executor("c-heard", NOW, List.of(both))));

        for (int order = 0; order < 3; order++) {
            Collections.rotate(claims, 1);
            assertThat(Resolver.resolve(selector("{all: true}"), ANALYZE, claims, NOW))
                    .singleElement()
                    .satisfies(candidate ->
                            assertThat(candidate.executor().executor().text()).isEqualTo("b-heard"));
        }
    }

    @Test
    void hashesTheSameDatabasesAlikeAndOthersOtherwise() throws Unreadable {
        List<Registration> turned = new ArrayList<>(fleet);
        Collections.reverse(turned);
        String hash = TargetsHash.ofCandidates(Resolver.resolve(selector("{all: true}"), ANALYZE, fleet, NOW));

        assertThat(TargetsHash.ofCandidates(Resolver.resolve(selector("{all: true}"), ANALYZE, turned, NOW)))
                .isEqualTo(hash);
        assertThat(TargetsHash.ofCandidates(Resolver.resolve(selector("{labels: [env]}"), ANALYZE, fleet, NOW)))
                .isNotEqualTo(hash);
        assertThat(TargetsHash.ofCandidates(
                        Resolver.resolve(selector("{all: true}"), List.of(Step.of(checkpoint())), fleet, NOW)))
                .as("databases that cannot do the task do not count")
                .isEqualTo(TargetsHash.ofCandidates(
                        Resolver.resolve(selector("{engines: [sqlite]}"), ANALYZE, fleet, NOW)));
    }
}
