package dev.upkeep.executor.operation.vacuum;

import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Tells how far the vacuum of one table is, from {@code pg_stat_progress_vacuum}: the statement runs on a thread of its own,
 * while the operation's thread asks over a second session and reports.
 */
final class VacuumProgress {
    private static final int SECONDS = 1;
    private static final String SQL = """
            SELECT phase, CASE WHEN heap_blks_total = 0 THEN 0 ELSE heap_blks_scanned::float8 / heap_blks_total END AS scanned,
              heap_blks_total
            FROM pg_stat_progress_vacuum WHERE relid = ?::int8::oid
            """;

    private final PostgresSession watcher;
    private final Attempt attempt;
    private final VacuumTarget table;
    private final int at;
    private final int of;

    VacuumProgress(PostgresSession watcher, Attempt attempt, VacuumTarget table, int at, int of) {
        this.watcher = watcher;
        this.attempt = attempt;
        this.table = table;
        this.at = at;
        this.of = of;
    }

    /** A statement that takes its time. */
    interface Work {
        List<PostgresSession.Notice> run() throws SQLException;
    }

    List<PostgresSession.Notice> during(Work work) throws SQLException {
        attempt.progress(100.0 * at / of, Optional.empty(), "vacuuming " + table.name());
        CompletableFuture<List<PostgresSession.Notice>> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> perform(work, result), "vacuum");
        thread.setDaemon(true);
        thread.start();
        while (true) {
            try {
                return result.get(SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                if (attempt.stop().isEmpty()) {
                    tell();
                }
            } catch (ExecutionException e) {
                if (e.getCause() instanceof SQLException sql) {
                    throw sql;
                }
                throw new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLException("interrupted while vacuuming " + table.name(), "57014", e);
            }
        }
    }

    private static void perform(Work work, CompletableFuture<List<PostgresSession.Notice>> result) {
        try {
            result.complete(work.run());
        } catch (SQLException | RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    private void tell() throws SQLException {
        watcher.each(
                SQL,
                row -> attempt.progress(
                        100.0 * (at + row.getDouble("scanned")) / of,
                        Optional.empty(),
                        "vacuuming " + table.name() + ": " + row.getString("phase") + ", "
                                + Math.round(100 * row.getDouble("scanned")) + " % of " + row.getLong("heap_blks_total")
                                + " pages"),
                table.oid());
    }
}
