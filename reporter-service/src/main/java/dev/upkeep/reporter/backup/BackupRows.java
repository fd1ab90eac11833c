package dev.upkeep.reporter.backup;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.result.ResultRows;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps backups as the catalogue that results tell of: executors have the catalogue itself. In whatever order results come, the
 * newest word about a backup's state counts, and what is gone stays gone.
 */
public final class BackupRows {
    private static final String LOOK = "backups";

    /** A backup after which only so many were left. */
    private record Expiry(Instant takenAt, long left, Instant at) {}

    private BackupRows() {}

    /** Stores what results that were not seen before say about backups. */
    public static void store(Session session, List<Result> fresh, Instant now) {
        Set<String> touched = new LinkedHashSet<>();
        try (Session.Bulk upsert =
                session.bulk("INSERT INTO backup (db, name, executor, method, state, taken_at, bytes,"
                        + " source_bytes, verified_at, proven_at, problem, gone_at, left_over, at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (db, name) DO UPDATE SET"
                        + " executor = CASE WHEN excluded.at >= backup.at THEN excluded.executor ELSE backup.executor END,"
                        + " method = COALESCE(backup.method, excluded.method),"
                        + " state = CASE WHEN excluded.at >= backup.at THEN COALESCE(excluded.state, backup.state)"
                        + " ELSE COALESCE(backup.state, excluded.state) END,"
                        + " taken_at = CASE WHEN excluded.taken_at < backup.taken_at THEN excluded.taken_at ELSE backup.taken_at END,"
                        + " bytes = COALESCE(backup.bytes, excluded.bytes),"
                        + " source_bytes = COALESCE(backup.source_bytes, excluded.source_bytes),"
                        + " verified_at = CASE WHEN excluded.at >= backup.at THEN COALESCE(excluded.verified_at, backup.verified_at)"
                        + " ELSE COALESCE(backup.verified_at, excluded.verified_at) END,"
                        + " proven_at = CASE WHEN excluded.at >= backup.at THEN COALESCE(excluded.proven_at, backup.proven_at)"
                        + " ELSE COALESCE(backup.proven_at, excluded.proven_at) END,"
                        + " problem = CASE WHEN excluded.at >= backup.at THEN excluded.problem ELSE backup.problem END,"
                        + " gone_at = COALESCE(backup.gone_at, excluded.gone_at),"
                        + " left_over = COALESCE(backup.left_over, excluded.left_over),"
                        + " at = CASE WHEN excluded.at > backup.at THEN excluded.at ELSE backup.at END")) {
            for (Result result : fresh) {
                for (TaskResult task : result.tasks()) {
                    Instant at = ResultRows.notAhead(task.endedAt().orElse(result.endedAt()), now);
                    List<Statement> statements = Statement.of(result, task, at);
                    statements.forEach(one -> add(upsert, result, one, left(task)));
                    noteLook(session, result, task, statements.size(), at);
                    if (!statements.isEmpty() || task.task().equals("list-backups")) {
                        touched.add(result.database().text());
                    }
                }
            }
            upsert.run();
        }
        touched.forEach(database -> endWhatIsGone(session, database));
    }

    private static void add(Session.Bulk upsert, Result result, Statement one, Optional<Long> left) {
        upsert.add(
                result.database().text(),
                one.name(),
                result.executor().text(),
                one.method(),
                one.state(),
                one.takenAt(),
                one.bytes(),
                one.sourceBytes(),
                one.verifiedAt(),
                one.provenAt(),
                one.problem(),
                one.gone(),
                left,
                one.at());
    }

    /** Only a whole list says what is no longer there. */
    private static void noteLook(Session session, Result result, TaskResult task, int listed, Instant at) {
        int count = task.report().map(report -> report.path("count").asInt(-1)).orElse(-1);
        if (task.task().equals("list-backups") && count == listed && !result.dryRun()) {
            session.update(
                    "INSERT INTO look (db, source, at) VALUES (?, ?, ?)"
                            + " ON CONFLICT (db, source) DO UPDATE SET at = excluded.at WHERE excluded.at >= look.at",
                    result.database().text(),
                    LOOK,
                    at);
        }
    }

    /** How many are left, if the backup made older ones expire; it does not name them. */
    private static Optional<Long> left(TaskResult task) {
        boolean expired =
                task.report().map(report -> report.path("expired").asInt() > 0).orElse(false);
        return task.measurements().stream()
                .filter(measurement -> expired && measurement.name().equals("backup_count"))
                .map(Measurement::value)
                .map(Double::longValue)
                .findFirst();
    }

    /** Worked out anew from all that is known, so that the order in which results came does not matter. */
    private static void endWhatIsGone(Session session, String database) {
        session.first("SELECT at FROM look WHERE db = ? AND source = ?", row -> row.time(1), database, LOOK)
                .ifPresent(looked -> session.update(
                        "UPDATE backup SET gone_at = ? WHERE db = ? AND gone_at IS NULL AND taken_at < ? AND at < ?",
                        looked,
                        database,
                        looked,
                        looked));
        session.list(
                        "SELECT taken_at, left_over, at FROM backup WHERE db = ? AND left_over IS NOT NULL"
                                + " ORDER BY taken_at DESC LIMIT 10",
                        row -> new Expiry(row.time(1), row.number(2), row.time(3)),
                        database)
                .forEach(expiry -> session.update(
                        "UPDATE backup SET gone_at = ? WHERE db = ? AND gone_at IS NULL AND taken_at <= ? AND name NOT IN"
                                + " (SELECT name FROM backup WHERE db = ? AND gone_at IS NULL AND taken_at <= ?"
                                + " ORDER BY taken_at DESC, name DESC LIMIT " + expiry.left() + ")",
                        expiry.at(),
                        database,
                        expiry.takenAt(),
                        database,
                        expiry.takenAt()));
    }
}
