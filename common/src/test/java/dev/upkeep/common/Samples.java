package dev.upkeep.common;

import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.OnFailure;
import dev.upkeep.common.command.Origin;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.fleet.Lane;
import dev.upkeep.common.fleet.Refusal;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.fleet.Tool;
import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.ControlId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.request.Glob;
import dev.upkeep.common.request.LabelRule;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.request.Selector;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Progress;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.common.task.Analyze;
import dev.upkeep.common.task.Assess;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.CancelQueries;
import dev.upkeep.common.task.Checkpoint;
import dev.upkeep.common.task.Condition;
import dev.upkeep.common.task.EnsureIndexes;
import dev.upkeep.common.task.ExpireBackups;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.common.task.IndexHealth;
import dev.upkeep.common.task.IntegrityCheck;
import dev.upkeep.common.task.ListBackups;
import dev.upkeep.common.task.MaintainPartitions;
import dev.upkeep.common.task.MigrationGuard;
import dev.upkeep.common.task.Optimize;
import dev.upkeep.common.task.Protect;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.task.PurgeFiles;
import dev.upkeep.common.task.Reindex;
import dev.upkeep.common.task.ReleaseLeases;
import dev.upkeep.common.task.Restore;
import dev.upkeep.common.task.RestoreDrill;
import dev.upkeep.common.task.RestoreFiles;
import dev.upkeep.common.task.RestorePurged;
import dev.upkeep.common.task.SizeOverride;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.task.TerminateIdle;
import dev.upkeep.common.task.TimeColumn;
import dev.upkeep.common.task.TuneAutovacuum;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.common.task.VerifyBackup;
import dev.upkeep.common.wire.Wire;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One sample of every task and message, with every field filled; the golden files are made of them. */
public final class Samples {
    public static final Instant AT = Instant.parse("2026-11-21T02:00:00Z");
    public static final DatabaseId DATABASE = new DatabaseId("db7/telemetry");
    public static final ExecutorId EXECUTOR = new ExecutorId("db7");
    public static final RunId RUN = RunId.of(new PolicyName("nightly-backup"), AT);
    public static final CommandId COMMAND = CommandId.of(RUN, DATABASE);
    public static final Origin ORIGIN = new Origin(
            Origin.Kind.POLICY, "nightly-backup", Optional.of("ops@example.org"), Optional.of("weekly care"));
    public static final Validity VALIDITY =
            new Validity(AT, AT.plus(Duration.ofHours(1)), AT.plus(Duration.ofHours(4)));

    private Samples() {}

    /** Every kind of task, fully filled, by wire name. */
    public static Map<String, Task> tasks() {
        TableName events = TableName.parse("public.events_seen");
        ColumnName createdAt = ColumnName.parse("created_at");
        Protect protect = new Protect(List.of("replicator"), List.of("pgbackrest"));
        List<Task> tasks = List.of(
                new HealthCheck(
                        Optional.of(HealthCheck.Profile.FULL),
                        Map.of("connections", new HealthCheck.Limits(Optional.of(0.5), Optional.of(0.75))),
                        List.of(new HealthCheck.Retention(events, createdAt, Duration.ofDays(8), Optional.empty())),
                        List.of(new HealthCheck.Leases(
                                TableName.parse("task_queue"),
                                ColumnName.parse("state"),
                                "leased",
                                ColumnName.parse("lease_expires_at"),
                                Optional.of(Purge.TimeFormat.EPOCH_SECONDS),
                                Optional.of(Duration.ofMinutes(5))))),
                new Assess(List.of(events), true, List.of(new TimeColumn(events, createdAt))),
                new Analyze(List.of(events), true),
                new Vacuum(
                        List.of(events),
                        Optional.of(Vacuum.Mode.FREEZE),
                        true,
                        Optional.of(0.2),
                        Optional.of(5_000L),
                        Optional.of(0.1),
                        Optional.of(1_000)),
                new Checkpoint(Optional.of(Checkpoint.Mode.TRUNCATE), Optional.of(Duration.ofSeconds(5))),
                new Backup(
                        Optional.of(Backup.Method.LOGICAL),
                        Optional.of(Backup.Compression.ZSTD),
                        Optional.of(10),
                        Optional.of(4),
                        Optional.of(Backup.Globals.WITHOUT_PASSWORDS)),
                new ListBackups(Optional.of(Duration.ofDays(1)), Optional.of(Duration.ofDays(7))),
                new VerifyBackup(Optional.of("db7+telemetry-20261121T020000Z-1f3a9c04.dump.zst"), false),
                new RestoreDrill(
                        Optional.of("db7+telemetry-20261121T020000Z-1f3a9c04.dump.zst"),
                        Optional.of(Backup.Method.LOGICAL)),
                new Restore(
                        Optional.of("db7+telemetry-20261121T020000Z-1f3a9c04.base.zst"),
                        Optional.of(Backup.Method.PHYSICAL),
                        Optional.of("telemetry_yesterday"),
                        false,
                        Optional.of(new Restore.PointInTime(Optional.of(AT), Optional.empty(), Optional.empty())),
                        Optional.of(4),
                        true),
                new ExpireBackups(
                        Optional.of(3),
                        Optional.of(7),
                        Optional.of(4),
                        Optional.of(12),
                        Optional.of(Duration.ofDays(2)),
                        Optional.of(2)),
                new Purge(
                        List.of(new Purge.Rule(
                                events,
                                createdAt,
                                Duration.ofDays(7),
                                Optional.of(Purge.TimeFormat.EPOCH_MILLIS),
                                List.of(new Condition(
                                        ColumnName.parse("status"), Condition.Operator.IN, List.of("done"))))),
                        Optional.of(Purge.Archive.JSON_LINES),
                        Optional.of(Duration.ofHours(24)),
                        Optional.of(Purge.Pace.GENTLE),
                        true,
                        Optional.of(new SizeOverride(
                                new SizeOverride.Statement(
                                        new DatabaseId("db7/telemetry"),
                                        "ab".repeat(32),
                                        List.of(events),
                                        6_000_000,
                                        AT),
                                "ann",
                                "c2lnbmVk"))),
                new RestorePurged("20261121T020000Z-0f3a9c1e5b7d2468"),
                new PurgeFiles(
                        "payloads",
                        Duration.ofDays(90),
                        Optional.of(Duration.ofMinutes(10)),
                        Optional.of(Duration.ofDays(14)),
                        Optional.of(0.25)),
                new RestoreFiles("payloads", "20261121-020000-0f3a9c1e"),
                new Reindex(
                        List.of(events),
                        List.of(TableName.parse("public.events_seen_created_at")),
                        false,
                        Optional.of(0.4),
                        Optional.of(1_048_576L)),
                new EnsureIndexes(List.of(new EnsureIndexes.Wanted(
                        events, List.of(createdAt), true, Optional.of(ColumnName.parse("events_seen_created_at"))))),
                new IntegrityCheck(Optional.of(IntegrityCheck.Depth.FULL), List.of(events)),
                new Optimize(Optional.of(Optimize.Depth.FULL)),
                new ReleaseLeases(
                        TableName.parse("task_queue"),
                        ColumnName.parse("state"),
                        "leased",
                        "ready",
                        ColumnName.parse("lease_expires_at"),
                        Optional.of(Purge.TimeFormat.EPOCH_SECONDS),
                        Optional.of(ColumnName.parse("owner")),
                        Optional.of(Duration.ofMinutes(5)),
                        Optional.of(ColumnName.parse("attempts")),
                        Optional.of(5),
                        Optional.of("dead")),
                new IndexHealth(List.of(events), Optional.of(Duration.ofDays(30)), Optional.of(1_048_576L)),
                new MaintainPartitions(
                        TableName.parse("agg_1m"),
                        MaintainPartitions.Interval.MONTH,
                        Optional.of(3),
                        Optional.of(Duration.ofDays(90)),
                        true,
                        true,
                        Optional.of(Purge.Archive.CSV)),
                new TuneAutovacuum(List.of(new TuneAutovacuum.Tuning(
                        events, Map.of("autovacuum_vacuum_scale_factor", "0.02", "fillfactor", "reset")))),
                new TerminateIdle(
                        Optional.of(Duration.ofMinutes(5)),
                        Optional.of(Duration.ofMinutes(1)),
                        Optional.of(0.8),
                        Optional.of(20),
                        Optional.of(protect)),
                new CancelQueries(
                        Duration.ofSeconds(60),
                        Optional.of(Duration.ofSeconds(10)),
                        Optional.of(5),
                        Optional.of(protect)),
                new MigrationGuard(
                        MigrationGuard.Phase.BEFORE,
                        List.of(events),
                        Optional.of(Duration.ofHours(24)),
                        Optional.of(Duration.ofMinutes(1))));
        Map<String, Task> byName = new LinkedHashMap<>();
        tasks.forEach(task -> byName.put(task.name(), task));
        return byName;
    }

    /** Every kind of message, fully filled, by the name of its golden file. */
    public static Map<String, Object> messages() {
        Map<String, Object> messages = new LinkedHashMap<>();
        messages.put("request", order());
        messages.put(
                "request-policy",
                new Request.RunPolicy(
                        Optional.of("run-now-1"),
                        new PolicyName("nightly-backup"),
                        true,
                        Optional.of("cd".repeat(32)),
                        Optional.of("ops"),
                        Optional.of("before the move")));
        messages.put(
                "request-cancel",
                new Request.CancelRun(
                        Optional.of("cancel-1"),
                        RUN,
                        Optional.of(COMMAND),
                        Optional.of("ops"),
                        Optional.of("too slow")));
        messages.put("command", command());
        messages.put("cancel", new Cancel(COMMAND, EXECUTOR, AT, Optional.of("ops"), Optional.of("too slow")));
        messages.put("result", result());
        messages.put(
                "progress",
                new Progress(
                        COMMAND,
                        RUN,
                        DATABASE,
                        EXECUTOR,
                        AT,
                        Progress.Kind.PERCENT,
                        Optional.of(0),
                        Optional.of("backup"),
                        Optional.of(42.5),
                        Optional.of(Duration.ofSeconds(90)),
                        Optional.of("dumping events_seen")));
        messages.put("registration", registration());
        messages.put("run-state", runState());
        messages.put(
                "control",
                new Control(
                        new ControlId("hold-17"),
                        Control.Kind.HOLD,
                        Optional.empty(),
                        Optional.of(selector()),
                        "legal",
                        "case 17",
                        AT,
                        AT.plus(Duration.ofDays(90))));
        messages.put(
                "alert",
                new Alert(
                        "00c0ffee00c0ffee",
                        "backup-overdue",
                        Severity.CRITICAL,
                        Alert.Status.RESOLVED,
                        Optional.of(DATABASE),
                        Optional.of(EXECUTOR),
                        Map.of("env", "prod"),
                        "No verified backup of db7/telemetry for 30 h",
                        "The newest verified backup is 30 h old; one is due every 24 h.",
                        AT,
                        Optional.of(AT.plusSeconds(600)),
                        Optional.of("docs/alerts.md#backup-overdue")));
        return messages;
    }

    /** A request for all tasks on databases by label. */
    public static Request.Order order() {
        return new Request.Order(
                Optional.of("adhoc-1"),
                selector(),
                List.of(Step.of(HealthCheck.quick()), new Step(Vacuum.auto(), OnFailure.CONTINUE)),
                true,
                Optional.of(Duration.ofMinutes(15)),
                Optional.of(Duration.ofHours(4)),
                Optional.of("ab".repeat(32)),
                Optional.of("cd".repeat(32)),
                Optional.of("ops@example.org"),
                Optional.of("disk is filling"));
    }

    /** A selector that uses every part. */
    public static Selector selector() {
        return new Selector(
                List.of(
                        LabelRule.parse("env=prod"),
                        LabelRule.parse("tier in (gold, silver)"),
                        LabelRule.parse("!legacy")),
                List.of(Engine.POSTGRESQL),
                List.of(new Glob("db7/*")),
                List.of(new Glob("db?")),
                false);
    }

    /** A command with every task. */
    public static Command command() {
        return new Command(
                COMMAND,
                RUN,
                ORIGIN,
                DATABASE,
                EXECUTOR,
                AT,
                AT.plusMillis(150),
                VALIDITY,
                false,
                Optional.of("ab".repeat(32)),
                tasks().values().stream().limit(20).map(Step::of).toList());
    }

    /** A result with a task that failed, a finding and a measurement. */
    public static Result result() {
        return new Result(
                COMMAND,
                RUN,
                ORIGIN,
                DATABASE,
                EXECUTOR,
                AT,
                false,
                Outcome.FAILED,
                List.of(new Reason(Code.DISK_FULL, "no space left for the backup on /var/backups")),
                2,
                AT.plusSeconds(1),
                Optional.of(AT.plusSeconds(2)),
                AT.plusSeconds(60),
                List.of(new TaskResult(
                        "backup",
                        Wire.tree(Backup.byDefault()),
                        Outcome.FAILED,
                        Optional.of(new Reason(Code.DISK_FULL, "no space left for the backup on /var/backups")),
                        Optional.of(AT.plusSeconds(2)),
                        Optional.of(AT.plusSeconds(60)),
                        Optional.of(Wire.tree(Map.of("bytes", 1024))),
                        List.of(new Finding(
                                "disk",
                                Severity.CRITICAL,
                                "/var/backups",
                                "97 %",
                                "90 %",
                                "built-in",
                                "Free space on /var/backups, or move the backup store.")),
                        List.of(Measurement.gauge("disk_used", "ratio", 0.97, Map.of("path", "/var/backups"))),
                        true)));
    }

    /** A registration of one database. */
    public static Registration registration() {
        return new Registration(
                EXECUTOR,
                "0.1.0",
                "db7.example.org",
                AT,
                AT.plusSeconds(30),
                Duration.ofSeconds(15),
                new Lane(3),
                6,
                false,
                List.of(new RegisteredDatabase(
                        DATABASE,
                        Engine.POSTGRESQL,
                        Optional.of("15.18"),
                        Map.of("env", "prod", "tier", "gold"),
                        Optional.of("connection refused at the last look"),
                        List.of("health-check", "vacuum"),
                        List.of(new Refusal("checkpoint", "PostgreSQL checkpoints by itself")),
                        Optional.of("7386274398271635412"))),
                List.of(new Tool("pg_dump", Optional.of("15.18"), Optional.empty())),
                Map.of("purge.max-rows", "5000000"),
                Optional.of(AT),
                Optional.of(AT));
    }

    /** One part of a run's state with two targets. */
    public static RunState runState() {
        return new RunState(
                RUN,
                ORIGIN,
                RunState.Status.ACCEPTED,
                List.of(new Reason(Code.EXECUTOR_OFFLINE, "1 of 2 databases has no live executor")),
                AT,
                AT.plusSeconds(1),
                Optional.of(VALIDITY),
                false,
                Optional.of("ab".repeat(32)),
                2,
                0,
                1,
                List.of(Step.of(Backup.byDefault())),
                List.of(
                        new Target(
                                DATABASE,
                                EXECUTOR,
                                COMMAND,
                                Target.Status.SENT,
                                Optional.empty(),
                                List.of(),
                                Optional.of(AT),
                                Optional.empty()),
                        new Target(
                                new DatabaseId("queue"),
                                new ExecutorId("db8"),
                                CommandId.of(RUN, new DatabaseId("queue")),
                                Target.Status.ENDED,
                                Optional.of(Outcome.OFFLINE),
                                List.of(new Reason(Code.EXECUTOR_OFFLINE, "db8 was last heard of 3 h ago")),
                                Optional.empty(),
                                Optional.of(AT))));
    }
}
