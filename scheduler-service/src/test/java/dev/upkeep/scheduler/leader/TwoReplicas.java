package dev.upkeep.scheduler.leader;

import static org.awaitility.Awaitility.await;

import dev.upkeep.common.SteppingClock;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests with one replica that leads and one that stands by, on a real broker. The clock stands unless a test moves it; each test has
 * policies and databases to itself, whose names begin with the test's own word.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class TwoReplicas {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    final SteppingClock clock =
            new SteppingClock(Instant.now().truncatedTo(ChronoUnit.HOURS).plusSeconds(600));
    private final List<World> worlds = new ArrayList<>();
    private int leader;
    Path policies = Path.of("unset");
    Stage stage;
    World world;

    @BeforeAll
    void begin(@TempDir Path folder) {
        policies = folder;
        stage = new Stage(policies, clock);
        replica();
        world = worlds.get(0);
        await().atMost(Duration.ofSeconds(60)).until(() -> stage.leaders() == 1);
        replica();
    }

    @AfterAll
    void end() {
        stage.close();
    }

    private void replica() {
        worlds.add(stage.replica("r" + worlds.size()));
    }

    /** The replica that stands by takes over, with nothing but the topics to go by, and another one stands by. */
    void changeLeader() {
        stage.replica(leader).stop();
        awaitNextLeader();
    }

    /** Nobody leads. */
    void stopAll() {
        for (int replica = 0; replica < worlds.size(); replica++) {
            stage.replica(replica).stop();
        }
    }

    /** A replica that has seen nothing yet takes over, and another one stands by. */
    void leadAnew() {
        replica();
        awaitNextLeader();
    }

    private void awaitNextLeader() {
        await().atMost(Duration.ofSeconds(60)).until(this::isNextLeading);
        replica();
    }

    private boolean isNextLeading() {
        for (int replica = 0; replica < worlds.size(); replica++) {
            if (replica != leader && stage.replica(replica).standing().role() == Standing.Role.LEADER) {
                leader = replica;
                world = worlds.get(replica);
                return true;
            }
        }
        return false;
    }

    /** Puts a policy for the databases of this test into force; its name begins with the test's word and a hyphen. */
    void policy(String name, String schedule, String task, String more) throws IOException {
        Files.writeString(policies.resolve(name + ".yaml"), """
                name: %s
                select: {labels: [own=%s]}
                schedule: %s
                tasks: [%s]
                %s
                """.formatted(
                        name, name.substring(0, name.indexOf('-')), schedule, task, more));
        await().atMost(PATIENCE)
                .until(() ->
                        world.policies().inForce().find(new PolicyName(name)).isPresent());
    }

    /** An executor of this test, with these databases and no others. */
    void databases(String test, String... databases) {
        stage.executor(test + "-host", Engine.SQLITE, Map.of("own", test), databases);
        await().atMost(PATIENCE)
                .until(() -> world.fleet()
                        .find(new ExecutorId(test + "-host"))
                        .filter(executor -> executor.databases().size() == databases.length)
                        .isPresent());
    }

    /** Sets the clock to the next full hour, at which hourly policies fire; the run's id ends with it. */
    String nextHour(String policy) {
        Instant hour = clock.instant().truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS);
        clock.set(hour.plusSeconds(1));
        String run = policy + "@" + hour.toString().replace(":00Z", "Z");
        run(run);
        return run;
    }

    RunState run(String id) {
        await().atMost(PATIENCE).until(() -> stage.runs().containsKey(id));
        return stage.runs().get(id);
    }

    RunState ended(String id) {
        await().atMost(PATIENCE).until(() -> run(id).status() == RunState.Status.ENDED);
        return run(id);
    }

    Target target(String run, String database) {
        return run(run).targets().stream()
                .filter(target -> target.database().text().equals(database))
                .findFirst()
                .orElseThrow();
    }

    List<Command> commands(String run) {
        return stage.commands().stream()
                .filter(command -> command.run().text().equals(run))
                .toList();
    }

    Command command(String run, String database) {
        await().atMost(PATIENCE)
                .until(() -> commands(run).stream()
                        .anyMatch(command -> command.database().text().equals(database)));
        return commands(run).stream()
                .filter(command -> command.database().text().equals(database))
                .findFirst()
                .orElseThrow();
    }
}
