package dev.upkeep.bench.replay;

import dev.upkeep.common.command.Origin;
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
import dev.upkeep.common.wire.Wire;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The results of a fleet, the same for the same number: quick health checks as SQLite executors send them, of which one in 20 is a
 * backup and one in 40 a purge instead. Each database is looked at every five minutes.
 *
 * @param begin when the first of them ended
 */
record Backlog(int results, int databases, Instant begin) {
    /** One amount per result: its sum over all databases tells whether any was lost or counted twice. */
    static final String COUNTED = "bench_looks";

    Result result(int i) {
        int round = i / databases;
        Instant at = begin.plusSeconds(300L * round);
        Outcome outcome = i % 97 == 0 ? Outcome.FAILED : Outcome.SUCCEEDED;
        if (i % 40 == 13) {
            return result(
                    i, "cleanup", at, outcome, "purge", Map.of("batches", 12, "stopped", "done"), List.of(), purged(i));
        }
        if (i % 20 == 3) {
            return result(i, "nightly", at, outcome, "backup", backup(i, at), List.of(), backedUp(i));
        }
        return result(i, "watch", at, outcome, "health-check", facts(), findings(i, round), looked(i));
    }

    private Result result(
            int i,
            String policy,
            Instant at,
            Outcome outcome,
            String task,
            Map<String, Object> report,
            List<Finding> findings,
            List<Measurement> measurements) {
        RunId run = RunId.of(new PolicyName(policy), at);
        DatabaseId database = database(i);
        Optional<Reason> reason = outcome.isGood()
                ? Optional.empty()
                : Optional.of(new Reason(Code.DISK_FULL, "no space left on /var/backups"));
        List<Measurement> measured = new ArrayList<>(measurements);
        measured.add(Measurement.count(COUNTED, "looks", 1L, Map.of()));
        TaskResult one = new TaskResult(
                task,
                Wire.tree(Map.of("type", task)),
                outcome,
                reason,
                Optional.of(at.plusSeconds(2)),
                Optional.of(at.plusSeconds(59)),
                Optional.of(Wire.tree(report)),
                findings,
                measured,
                false);
        return new Result(
                CommandId.of(run, database),
                run,
                new Origin(Origin.Kind.POLICY, policy, Optional.empty(), Optional.empty()),
                database,
                new ExecutorId("host" + i % databases / 10),
                at,
                false,
                outcome,
                reason.stream().toList(),
                1,
                at.plusSeconds(1),
                Optional.of(at.plusSeconds(2)),
                at.plusSeconds(60),
                List.of(one));
    }

    DatabaseId database(int i) {
        return new DatabaseId("host" + i % databases / 10 + "/db" + i % databases);
    }

    private static Map<String, Object> facts() {
        return Map.of(
                "checks", 12,
                "critical", 0,
                "warnings", 0,
                "facts", Map.of("journal mode", "wal", "page size", "4096", "sqlite", "3.50.3", "encoding", "UTF-8"));
    }

    private static Map<String, Object> backup(int i, Instant at) {
        return Map.of(
                "name",
                "db-" + at.getEpochSecond() + "-" + Integer.toHexString(i) + ".sqlite.zst",
                "method",
                "online",
                "state",
                "verified",
                "takenAt",
                at.toString(),
                "bytes",
                100_000_000L + i,
                "sourceBytes",
                900_000_000L + i,
                "sha256",
                String.format("%064x", i * 2_654_435_761L),
                "engineVersion",
                "3.50.3",
                "expired",
                0);
    }

    private static List<Finding> findings(int i, int round) {
        List<Finding> findings = new ArrayList<>();
        if ((i + round / 50) % 3 == 0) {
            findings.add(new Finding(
                    "stale-leases",
                    Severity.WARNING,
                    "task_queue",
                    Integer.toString(i % 50),
                    "10",
                    "policy",
                    "order release-leases for task_queue, and see why its workers stop without finishing"));
        }
        if ((i + round / 80) % 5 == 0) {
            findings.add(new Finding(
                    "freelist",
                    Severity.WARNING,
                    "",
                    i % 100 + " %",
                    "10 %",
                    "built-in",
                    "order vacuum in a quiet hour"));
        }
        return findings;
    }

    private static List<Measurement> looked(int i) {
        Map<String, String> path = Map.of("path", "/var/lib/databases");
        return List.of(
                Measurement.gauge("round_trip", "seconds", 0.001 + i % 1_000 / 1e6),
                Measurement.gauge("database_size", "bytes", 8_736_768L + 4_096L * i),
                Measurement.gauge("freelist_size", "bytes", 4_096L * (i % 77)),
                Measurement.gauge("wal_size", "bytes", 4_096L * (i % 997)),
                Measurement.gauge("write_lock_held", "ratio", i % 100 / 100.0),
                Measurement.gauge("disk_used", "ratio", 0.5 + i % 1_000 / 1e4, path),
                Measurement.gauge("disk_free", "bytes", 83_000_000_000L - 4_096L * (i % 100_000), path),
                Measurement.gauge("health_findings", "count", 0L, Map.of("severity", "critical")),
                Measurement.gauge("health_findings", "count", i % 2, Map.of("severity", "warning")));
    }

    private static List<Measurement> backedUp(int i) {
        return List.of(
                Measurement.gauge("backup_size", "bytes", 100_000_000L + i),
                Measurement.gauge("backup_source_size", "bytes", 900_000_000L + i),
                Measurement.gauge("backup_duration", "seconds", 10.0 + i % 7),
                Measurement.gauge("backup_count", "backups", 7L));
    }

    private static List<Measurement> purged(int i) {
        return List.of(
                Measurement.count("purge_deleted", "rows", (long) i % 5_000, Map.of("table", "events")),
                Measurement.gauge("purge_duration", "seconds", 10.0 + i % 7));
    }
}
