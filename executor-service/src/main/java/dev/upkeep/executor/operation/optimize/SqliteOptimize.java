package dev.upkeep.executor.operation.optimize;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Analyze;
import dev.upkeep.common.task.Checkpoint;
import dev.upkeep.common.task.Optimize;
import dev.upkeep.common.task.Optimize.Depth;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.task.Vacuum;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.analyze.SqliteAnalyze;
import dev.upkeep.executor.operation.checkpoint.SqliteCheckpoint;
import dev.upkeep.executor.operation.sqlite.SqliteFigures;
import dev.upkeep.executor.operation.sqlite.SqliteSession;
import dev.upkeep.executor.operation.vacuum.SqliteVacuum;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Optimizes a SQLite file by the operations that there are: analyze what was modified; if full, checkpoint before and vacuum after. */
@ApplicationScoped
public class SqliteOptimize implements Operation<Optimize, SqliteDatabase> {
    private final SqliteCheckpoint checkpoint;
    private final SqliteAnalyze analyze;
    private final SqliteVacuum vacuum;

    @Inject
    public SqliteOptimize(SqliteCheckpoint checkpoint, SqliteAnalyze analyze, SqliteVacuum vacuum) {
        this.checkpoint = checkpoint;
        this.analyze = analyze;
        this.vacuum = vacuum;
    }

    @Override
    public Class<Optimize> task() {
        return Optimize.class;
    }

    @Override
    public Class<SqliteDatabase> database() {
        return SqliteDatabase.class;
    }

    @Override
    public Done perform(Order<Optimize> order, SqliteDatabase database, Attempt attempt)
            throws SQLException, IOException {
        long before = bytes(database, attempt);
        Steps steps = new Steps(attempt);
        Analyze modified = new Analyze(List.of(), true);
        if (order.task().depth().orElse(Depth.QUICK) == Depth.QUICK) {
            steps.take("analyze", analyze.perform(as(order, modified), database, attempt));
        } else {
            Checkpoint truncate = new Checkpoint(Optional.of(Checkpoint.Mode.TRUNCATE), Optional.empty());
            steps.take("checkpoint", checkpoint.perform(as(order, truncate), database, attempt));
            if (steps.goOn()) {
                steps.take("analyze", analyze.perform(as(order, modified), database, attempt));
            }
            if (steps.goOn()) {
                steps.take("vacuum", vacuum.perform(as(order, Vacuum.auto()), database, attempt));
            }
        }
        long after = attempt.stop().isPresent() ? before : bytes(database, attempt);
        return steps.end(new Optimize.Report(before, after, steps.words));
    }

    private static <T extends Task> Order<T> as(Order<Optimize> order, T task) {
        return new Order<>(order.command(), task, order.asOf(), order.dryRun(), Optional.empty());
    }

    private static long bytes(SqliteDatabase database, Attempt attempt) throws SQLException {
        try (SqliteSession session = SqliteSession.reading(database, attempt)) {
            return SqliteFigures.of(session, database).bytes();
        }
    }

    /** What the steps came to. */
    private static final class Steps {
        private final Attempt attempt;
        private final List<String> words = new ArrayList<>();
        private final List<Done> all = new ArrayList<>();

        Steps(Attempt attempt) {
            this.attempt = attempt;
        }

        void take(String name, Done done) {
            all.add(done);
            String why = done.reason().map(reason -> ": " + reason.message()).orElse("");
            words.add(
                    name + " " + done.outcome().name().toLowerCase(Locale.ROOT).replace('_', '-') + why);
        }

        boolean goOn() {
            return attempt.stop().isEmpty();
        }

        /** Contended or rejected only if every step was; partial if it was to stop. */
        Done end(Optimize.Report report) {
            List<Finding> findings =
                    all.stream().flatMap(done -> done.findings().stream()).toList();
            List<Measurement> measurements = all.stream()
                    .flatMap(done -> done.measurements().stream())
                    .distinct()
                    .toList();
            if (attempt.stop().isPresent()) {
                return Done.partial(report, attempt.stop().get().reason(), findings, measurements);
            }
            if (all.stream().allMatch(done -> done.outcome() == Outcome.NOTHING_TO_DO)) {
                return Done.nothing(report, findings, measurements);
            }
            boolean isAny = all.stream()
                    .anyMatch(done -> done.outcome() == Outcome.SUCCEEDED || done.outcome() == Outcome.NOTHING_TO_DO);
            return isAny
                    ? Done.succeeded(report, findings, measurements)
                    : new Done(
                            all.get(0).outcome(),
                            Optional.of(report),
                            all.get(0).reason(),
                            findings,
                            measurements);
        }
    }
}
