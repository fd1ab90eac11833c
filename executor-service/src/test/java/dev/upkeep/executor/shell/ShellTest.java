package dev.upkeep.executor.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.database.Databases;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.fence.Fences;
import dev.upkeep.executor.governor.LoadGovernor;
import dev.upkeep.executor.governor.PressureLimits;
import dev.upkeep.executor.guardrail.Guardrails;
import dev.upkeep.executor.guardrail.Rules;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Catalogue;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.run.Host;
import dev.upkeep.executor.run.RetryPolicy;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShellTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** A health check that finds what a test says. */
    private record Finds(List<Finding> findings) implements Operation<HealthCheck, SqliteDatabase> {
        @Override
        public Class<HealthCheck> task() {
            return HealthCheck.class;
        }

        @Override
        public Class<SqliteDatabase> database() {
            return SqliteDatabase.class;
        }

        @Override
        public Done perform(Order<HealthCheck> order, SqliteDatabase on, Attempt attempt) {
            return Done.succeeded(Map.of("dryRun", order.dryRun()), findings, List.of());
        }
    }

    /** A vacuum that no guardrail lets through. */
    private record NeverCalled() implements Operation<Vacuum, SqliteDatabase> {
        @Override
        public Class<Vacuum> task() {
            return Vacuum.class;
        }

        @Override
        public Class<SqliteDatabase> database() {
            return SqliteDatabase.class;
        }

        @Override
        public Done perform(Order<Vacuum> order, SqliteDatabase on, Attempt attempt) {
            throw new AssertionError("a guardrail denies it");
        }
    }

    private static Finding finding(Severity severity) {
        return new Finding("wal-size", severity, "", "70 MB", "64 MB", "built-in", "checkpoint it");
    }

    private int run(List<Finding> findings, String... arguments) {
        ExecutorId executor = new ExecutorId("host");
        Host host = new Host(
                executor,
                Clock.systemUTC(),
                new Databases(List.of(new SqliteDatabase(new DatabaseId("queue"), Map.of(), folder.resolve("q.db")))),
                new Catalogue(List.of(new Finds(findings), new NeverCalled()), List.of()),
                new LoadGovernor(new PressureLimits(3, Duration.ofSeconds(10), 50, Long.MAX_VALUE, 0)),
                new Fences(executor));
        Guardrails guardrails = new Guardrails(
                new Rules(Optional.empty(), List.of("vacuum"), Optional.empty(), Optional.empty()),
                Map.of(),
                folder.resolve("STOP"),
                false);
        return new Shell(
                        host,
                        guardrails,
                        new RetryPolicy(2, Duration.ofMillis(10), Duration.ofMillis(10)),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .run(Arrays.asList(arguments));
    }

    @Test
    void exitsWithZeroWhenAllIsWell() {
        assertThat(run(List.of(), "health-check", "--database", "queue")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("queue: succeeded");
    }

    @Test
    void showsAListOfObjectsAsATable() throws Exception {
        ReportText.print(
                new com.fasterxml.jackson.databind.ObjectMapper().readTree("""
                        {"count": 2, "preflight": ["needs 3 MB"], "backups": [
                          {"name": "queue-1.sqlite.zst", "state": "proven", "bytes": 1234567, "problem": null},
                          {"name": "q.sqlite", "state": "verified", "bytes": 5, "problem": null}]}"""),
                new PrintStream(out, true, StandardCharsets.UTF_8));

        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "  count: 2",
                        "  preflight:",
                        "    needs 3 MB",
                        "  backups:",
                        "    name                state     bytes",
                        "    queue-1.sqlite.zst  proven    1234567",
                        "    q.sqlite            verified  5");
    }

    @Test
    void exitsWithOneForWarningsAndShowsThem() {
        assertThat(run(List.of(finding(Severity.WARNING)), "health-check", "--database", "queue"))
                .isOne();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("warning", "wal-size", "70 MB", "checkpoint it");
    }

    @Test
    void exitsWithTwoForCriticalFindings() {
        assertThat(run(List.of(finding(Severity.CRITICAL)), "health-check", "--database", "queue"))
                .isEqualTo(2);
    }

    @Test
    void printsTheResultAsJson() throws Exception {
        assertThat(run(
                        List.of(),
                        "health-check",
                        "--database",
                        "queue",
                        "profile=full",
                        "--dry-run",
                        "--output",
                        "json"))
                .isZero();

        Result result = Wire.read(out.toByteArray(), Result.class);
        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(result.dryRun()).isTrue();
        assertThat(result.tasks().get(0).parameters().path("profile").asText()).isEqualTo("full");
    }

    @Test
    void meetsTheSameGuardrails() {
        assertThat(run(List.of(), "vacuum", "--database", "queue")).isEqualTo(2);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("guardrail");
    }

    @Test
    void saysWhatItDoesNotUnderstand() {
        assertThat(run(List.of(), "polish", "--database", "queue")).isEqualTo(2);
        assertThat(run(List.of(), "health-check")).isEqualTo(2);
        assertThat(run(List.of(), "health-check", "--database", "queue", "profile=deep"))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("unknown task polish", "--database", "quick, full", "usage:");
    }

    @Test
    void leavesNothingBehind() {
        run(List.of(), "health-check", "--database", "queue");

        assertThat(folder.toFile().list()).isEmpty();
    }
}
