package dev.upkeep.reporter;

import dev.upkeep.common.command.Origin;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.fleet.Lane;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.wire.Wire;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Messages as executors and the scheduler write them, for tests. */
public final class Messages {
    public static final Instant AT = Instant.parse("2026-11-21T02:00:00Z");
    public static final ExecutorId EXECUTOR = new ExecutorId("db7");

    private Messages() {}

    /** The result of one task of a policy on one database. */
    public static Result result(String policy, String database, String task, Outcome outcome, Instant nominal) {
        return result(policy, database, task(task, outcome, nominal, List.of(), List.of()), nominal);
    }

    public static Result result(String policy, String database, TaskResult task, Instant nominal) {
        RunId run = RunId.of(new PolicyName(policy), nominal);
        DatabaseId id = new DatabaseId(database);
        return new Result(
                CommandId.of(run, id),
                run,
                new Origin(Origin.Kind.POLICY, policy, Optional.empty(), Optional.empty()),
                id,
                EXECUTOR,
                nominal,
                false,
                task.outcome(),
                task.reason().stream().toList(),
                1,
                nominal.plusSeconds(1),
                Optional.of(nominal.plusSeconds(2)),
                nominal.plusSeconds(60),
                List.of(task));
    }

    public static TaskResult task(
            String task, Outcome outcome, Instant nominal, List<Finding> findings, List<Measurement> measurements) {
        Optional<Reason> reason = outcome.isGood()
                ? Optional.empty()
                : Optional.of(new Reason(Code.DISK_FULL, "no space left on /var/backups"));
        return new TaskResult(
                task,
                Wire.tree(Map.of("type", task)),
                outcome,
                reason,
                Optional.of(nominal.plusSeconds(2)),
                Optional.of(nominal.plusSeconds(59)),
                Optional.of(Wire.tree(Map.of("note", "sample"))),
                findings,
                measurements,
                false);
    }

    public static Finding finding(String check, Severity severity, String object, String value) {
        return new Finding(check, severity, object, value, "90 %", "built-in", "Look at " + check + ".");
    }

    /** An executor's statement at a time. */
    public static Registration registration(Instant at, RegisteredDatabase... databases) {
        return new Registration(
                EXECUTOR,
                "0.1.0",
                "db7.example.org",
                AT,
                at,
                Duration.ofSeconds(15),
                new Lane(0),
                1,
                false,
                List.of(databases),
                List.of(),
                Map.of(),
                Optional.empty());
    }

    public static RegisteredDatabase database(String id) {
        return new RegisteredDatabase(
                new DatabaseId(id),
                Engine.POSTGRESQL,
                Optional.of("15.18"),
                Map.of("env", "prod"),
                Optional.empty(),
                List.of("backup"),
                List.of());
    }

    /** A policy's run on one database, whose target ended as the scheduler says. */
    public static RunState endedRun(String policy, String database, Outcome outcome, Instant nominal) {
        RunId run = RunId.of(new PolicyName(policy), nominal);
        DatabaseId id = new DatabaseId(database);
        return new RunState(
                run,
                new Origin(Origin.Kind.POLICY, policy, Optional.empty(), Optional.empty()),
                RunState.Status.ENDED,
                List.of(),
                nominal,
                nominal.plusSeconds(120),
                Optional.empty(),
                false,
                Optional.empty(),
                1,
                0,
                1,
                List.of(),
                List.of(new Target(
                        id,
                        EXECUTOR,
                        CommandId.of(run, id),
                        Target.Status.ENDED,
                        Optional.of(outcome),
                        List.of(new Reason(Code.EXECUTOR_OFFLINE, "db7 was last heard of 3 h ago")),
                        Optional.of(nominal),
                        Optional.of(nominal.plusSeconds(100)))));
    }
}
