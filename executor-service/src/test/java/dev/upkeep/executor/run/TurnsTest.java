package dev.upkeep.executor.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Origin;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.executor.journal.Entry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private static final Instant NOW = Instant.parse("2026-11-21T02:00:00Z");
    private static final Limits LIMITS = new Limits(2, 8, 100, Duration.ofSeconds(1));

    private long seq;

    @Test
    void letsTwoBackupsOfOneDatabaseFollowEachOther() {
        Job first = job("telemetry", Backup.byDefault());
        Job second = job("telemetry", Backup.byDefault());

        assertThat(Turns.next(List.of(first, second), List.of(), LIMITS, NOW)).containsExactly(first);
        assertThat(Turns.next(List.of(second), List.of(first), LIMITS, NOW)).isEmpty();
        assertThat(Turns.next(List.of(second), List.of(), LIMITS, NOW)).containsExactly(second);
    }

    @Test
    void letsBackupsOfTwoDatabasesGoSideBySide() {
        Job first = job("telemetry", Backup.byDefault());
        Job second = job("audit", Backup.byDefault());

        assertThat(Turns.next(List.of(first, second), List.of(), LIMITS, NOW)).containsExactly(first, second);
    }

    @Test
    void letsAQuickHealthCheckGoBesideAnything() {
        Job vacuum = job("telemetry", Vacuum.auto());
        Job backup = job("telemetry", Backup.byDefault());
        Job check = job("telemetry", HealthCheck.quick());

        assertThat(Turns.next(List.of(backup, check), List.of(vacuum), LIMITS, NOW))
                .containsExactly(check);
    }

    private Job job(String database, Task task) {
        seq++;
        RunId run = new RunId("request-" + seq);
        DatabaseId id = new DatabaseId(database);
        Command command = new Command(
                CommandId.of(run, id),
                run,
                new Origin(Origin.Kind.REQUEST, run.text(), Optional.empty(), Optional.empty()),
                id,
                new ExecutorId("local"),
                NOW,
                NOW,
                new Validity(NOW, NOW.plusSeconds(600), NOW.plusSeconds(3_600)),
                false,
                Optional.empty(),
                List.of(Step.of(task)));
        Entry entry = new Entry(
                seq,
                command.id(),
                new byte[0],
                false,
                0,
                NOW,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
        return Job.of(entry, command);
    }
}
