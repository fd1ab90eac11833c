package dev.upkeep.scheduler.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.task.Task;
import dev.upkeep.scheduler.fixture.Fixtures;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FleetTest {
    private static final Instant NOW = Instant.parse("2026-11-21T02:00:00Z");

    private static Registration stated(String executor) {
        List<String> tasks = new ArrayList<>();
        Task.names()
                .forEach(name ->
                        tasks.add(String.valueOf(name.toCharArray()))); // as read from a record: strings of its own
        return Fixtures.executor(
                executor, NOW, List.of(Fixtures.database(executor + "/a", Map.of("env", "prod"), tasks)));
    }

    @Test
    void keepsOneCopyOfTheTasksThatAllDatabasesOffer() {
        Fleet fleet = new Fleet();

        fleet.register(stated("one"));
        fleet.register(stated("two"));

        List<List<String>> tasks = fleet.executors().stream()
                .flatMap(executor -> executor.databases().stream())
                .map(database -> database.tasks())
                .toList();
        assertThat(tasks.get(0)).isSameAs(tasks.get(1)).isEqualTo(Task.names());
        assertThat(fleet.executors()).containsExactlyInAnyOrder(stated("one"), stated("two"));
    }
}
