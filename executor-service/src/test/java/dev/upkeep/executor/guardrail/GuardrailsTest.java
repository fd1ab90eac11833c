package dev.upkeep.executor.guardrail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Origin;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.request.Glob;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.task.Restore;
import dev.upkeep.common.task.RestoreDrill;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.task.Vacuum;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardrailsTest {
    private static final Instant NOW = Instant.parse("2026-11-21T02:00:00Z");

    @TempDir
    Path folder;

    private Guardrails of(Rules all) {
        return new Guardrails(all, Map.of(), folder.resolve("STOP"), false);
    }

    private static Rules tables(String... patterns) {
        return new Rules(
                Optional.empty(),
                List.of(),
                Optional.of(List.of(patterns).stream().map(Glob::new).toList()),
                Optional.empty());
    }

    private static Purge purge(String table, Duration keep) {
        return new Purge(
                List.of(new Purge.Rule(
                        TableName.parse(table), ColumnName.parse("at"), keep, Optional.empty(), List.of())),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty());
    }

    private static Command command(String database, Task task) {
        RunId run = RunId.ofRequest("r1");
        DatabaseId id = new DatabaseId(database);
        return new Command(
                CommandId.of(run, id),
                run,
                new Origin(Origin.Kind.REQUEST, "r1", Optional.empty(), Optional.empty()),
                id,
                new ExecutorId("host"),
                NOW,
                NOW,
                new Validity(NOW, NOW, NOW),
                false,
                Optional.empty(),
                List.of(Step.of(task)));
    }

    private static Optional<String> refusal(Guardrails guardrails, Task task) {
        Optional<Reason> refusal = guardrails.refusal(command("telemetry", task));
        refusal.ifPresent(reason -> assertThat(reason.code()).isEqualTo(Code.GUARDRAIL));
        return refusal.map(Reason::message);
    }

    @Test
    void destructiveTasksTouchNoTableUntilSomeAreListed() {
        assertThat(refusal(of(Rules.none()), purge("events", Duration.ofDays(90))))
                .hasValueSatisfying(
                        message -> assertThat(message).contains("guardrail tables", "upkeep.guardrails.tables"));
        assertThat(refusal(of(Rules.none()), Vacuum.auto())).isEmpty();
    }

    @Test
    void destructiveTasksThatNameNoTablesWantToBeAllowedByName() {
        Restore over = new Restore(Optional.of("a-backup"), Optional.empty(), Optional.empty(), true, Optional.empty());
        Rules named = new Rules(Optional.of(List.of("restore")), List.of(), Optional.empty(), Optional.empty());

        assertThat(refusal(of(tables("*")), over))
                .hasValueSatisfying(message -> assertThat(message).contains("guardrail allowed-tasks", "restore"));
        assertThat(refusal(of(named), over)).isEmpty();
    }

    @Test
    void destructiveTasksTouchOnlyListedTables() {
        Guardrails guardrails = of(tables("events*", "audit.*"));

        assertThat(refusal(guardrails, purge("events_seen", Duration.ofDays(90))))
                .isEmpty();
        assertThat(refusal(guardrails, purge("public.events", Duration.ofDays(90))))
                .isEmpty();
        assertThat(refusal(guardrails, purge("audit.rows", Duration.ofDays(90))))
                .isEmpty();
        assertThat(refusal(guardrails, purge("users", Duration.ofDays(90)))).isPresent();
        assertThat(refusal(guardrails, purge("other.users", Duration.ofDays(90))))
                .isPresent();
    }

    @Test
    void aTableOfAnotherSchemaDoesNotPassUnderAPlainName() {
        assertThat(refusal(of(tables("events")), purge("secret.events", Duration.ofDays(90))))
                .isPresent();
    }

    @Test
    void nothingYoungerThanTheFloorIsRemoved() {
        Guardrails guardrails = of(tables("*"));

        assertThat(refusal(guardrails, purge("events", Duration.ofHours(23))))
                .hasValueSatisfying(message -> assertThat(message).contains("guardrail least-keep", "PT23H", "P1D"));
        assertThat(refusal(guardrails, purge("events", Duration.ofHours(24)))).isEmpty();
    }

    @Test
    void onlyAllowedTasksAndNeverDeniedOnes() {
        Guardrails allowed =
                of(new Rules(Optional.of(List.of("health-check")), List.of(), Optional.empty(), Optional.empty()));
        Guardrails denied = of(new Rules(Optional.empty(), List.of("vacuum"), Optional.empty(), Optional.empty()));

        assertThat(refusal(allowed, HealthCheck.quick())).isEmpty();
        assertThat(refusal(allowed, Vacuum.auto())).isPresent();
        assertThat(refusal(denied, Vacuum.auto()))
                .hasValueSatisfying(message -> assertThat(message).contains("guardrail denied-tasks"));
    }

    @Test
    void rulesOfADatabaseWinButDenialsAddUp() {
        Guardrails guardrails = new Guardrails(
                new Rules(Optional.empty(), List.of("vacuum"), Optional.of(List.of(new Glob("a"))), Optional.empty()),
                Map.of(new DatabaseId("telemetry"), tables("b")),
                folder.resolve("STOP"),
                false);

        assertThat(refusal(guardrails, purge("b", Duration.ofDays(2)))).isEmpty();
        assertThat(refusal(guardrails, purge("a", Duration.ofDays(2)))).isPresent();
        assertThat(refusal(guardrails, Vacuum.auto())).isPresent();
    }

    @Test
    void theStopFileStopsWhatChangesADatabaseAndNothingElse() throws Exception {
        Guardrails guardrails = of(tables("*"));
        Files.createFile(folder.resolve("STOP"));

        assertThat(refusal(guardrails, Vacuum.auto())).isPresent();
        assertThat(refusal(guardrails, HealthCheck.quick())).isEmpty();
    }

    @Test
    void theStopFileStopsWhatOnlyWritesElsewhereToo() throws Exception {
        Guardrails guardrails = of(tables("*"));
        Task restore = new Restore(Optional.empty(), Optional.empty(), Optional.empty(), false, Optional.empty());
        Task drill = new RestoreDrill(Optional.empty(), Optional.empty());

        assertThat(List.of(restore, drill, Backup.byDefault()))
                .allSatisfy(task -> assertThat(refusal(guardrails, task)).isEmpty());
        Files.createFile(folder.resolve("STOP"));
        assertThat(List.of(restore, drill, Backup.byDefault()))
                .allSatisfy(task -> assertThat(refusal(guardrails, task)).isPresent());
    }

    @Test
    void anUnknownTaskInTheConfigurationIsRefused() {
        assertThatThrownBy(() ->
                        new Rules(Optional.of(List.of("defragment")), List.of(), Optional.empty(), Optional.empty()))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("allowed-tasks: defragment");
    }

    @Test
    void saysItsLimitsInWords() {
        assertThat(of(tables("events")).summary())
                .containsEntry("tables", "events")
                .containsEntry("least-keep", "P1D");
    }
}
