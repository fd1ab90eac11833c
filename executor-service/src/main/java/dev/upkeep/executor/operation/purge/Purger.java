package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import dev.upkeep.executor.operation.VerifiedBackups;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What purges have in common on all engines: demands, plan, guardrails, dry run, execution, receipt.
 *
 * <p>Deletes only rows that are older than the command's {@code asOf} less {@code keep}, and what depends on them. A crash at
 * any instant leaves whole batches deleted, each archived first if that was asked for; doing the command again goes on. Refuses
 * with a value, fails with the engine's error. Thread-safe.
 */
final class Purger {
    private static final int EARLIER_RECEIPTS = 5;

    private final PurgeConfig config;
    private final VerifiedBackups backups;
    private final ArchiveStore archives;
    private final Overrides overrides;

    Purger(PurgeConfig config, VerifiedBackups backups, ArchiveStore archives) {
        this.config = config;
        this.backups = backups;
        this.archives = archives;
        this.overrides = Overrides.by(config.overrideKeys());
        // bad values stop the start, not the first purge
        Limits.of(config, new DatabaseId("any"));
        PurgeConfig.keys(config).check();
        config.databases().keySet().forEach(id -> Limits.of(config, new DatabaseId(id)));
    }

    /** Opens the engine's session. */
    interface Opening {
        Session open() throws SQLException;
    }

    Done perform(Order<Purge> order, Database database, Attempt attempt, Opening opening)
            throws SQLException, IOException {
        Done done = purge(order, database, attempt, opening);
        return order.dryRun() || order.task().archive().isEmpty()
                ? done
                : archives.after(done, config.directory(), database.id(), attempt);
    }

    private Done purge(Order<Purge> order, Database database, Attempt attempt, Opening opening)
            throws SQLException, IOException {
        Limits limits = Limits.of(config, database.id());
        try (Session session = opening.open()) {
            Attempt.Interruption interruption = attempt.onStop(session::cancel);
            try {
                return perform(order, database, limits, session, attempt);
            } finally {
                interruption.close();
            }
        } catch (Refused refused) {
            return Done.rejected(refused.reason());
        }
    }

    private Done perform(Order<Purge> order, Database database, Limits limits, Session session, Attempt attempt)
            throws SQLException, IOException {
        long start = System.nanoTime();
        Purge task = order.task();
        List<String> unmet = new ArrayList<>();
        demand(order, database.id(), limits, session, unmet);
        Plan plan = new Planner(session, limits).plan(task, order.asOf());
        order.planHash().filter(hash -> !hash.equals(plan.hash())).ifPresent(hash -> {
            throw new Refused(
                    Code.PLAN_DRIFTED,
                    "planHash: " + hash + " (the plan is now " + plan.hash()
                            + ": rules, tables or links have changed since the dry run; make a new one and look at"
                            + " it)");
        });
        List<Session.Census> censuses = new ArrayList<>();
        for (Branch branch : plan.branches()) {
            Optional<Stop> stop = attempt.stop();
            if (stop.isPresent()) {
                return Done.partial(
                        Reports.planned(plan, List.of(), unmet, task),
                        Reports.reason(stop.get()),
                        List.of(),
                        List.of());
            }
            censuses.add(session.census(branch));
        }
        Path folder = Receipt.folder(limits.directory(), database.id());
        List<Guardrails.Broken> broken = Guardrails.broken(
                plan, censuses, limits.guards(), Receipt.earlier(folder, plan.hash(), EARLIER_RECEIPTS));
        long expected = censuses.stream().mapToLong(Session.Census::all).sum();
        Optional<String> refusal = broken.isEmpty()
                ? Optional.empty()
                : refusal(
                        broken,
                        task,
                        new Overrides.Purging(order.command(), database.id(), plan, expected, session.now()),
                        folder);
        if (order.dryRun()) {
            refusal.ifPresentOrElse(
                    limit -> unmet.add("would be refused: " + limit),
                    () -> broken.stream().findFirst().ifPresent(any -> unmet.add(lifted(task, broken))));
            unmet.addAll(droppable(plan, task, limits, session));
            return Done.succeeded(Reports.planned(plan, censuses, unmet, task), Reports.findings(plan), List.of());
        }
        if (refusal.isPresent()) {
            return Done.rejected(
                    new Reason(Code.GUARDRAIL, refusal.get()), Reports.planned(plan, censuses, List.of(), task));
        }
        if (!broken.isEmpty()) {
            overrides.use(task.override().orElseThrow(), order.command(), folder);
        }
        String name = Receipt.nameFor(order, database.id(), plan.hash());
        if (task.archive().isPresent()) {
            // so that what a crash leaves can be brought back too, of rows as well that came since they were counted
            Execution none =
                    new Execution(session, limits, plan, order, new Execution.Run(attempt, Optional.empty(), 0));
            receipt(
                            order,
                            database,
                            plan,
                            new Result(none, Optional.of(Stop.SHUTDOWN)),
                            Duration.ZERO,
                            folder.resolve(name),
                            name)
                    .write(folder.resolve(name));
        }
        Result result = execute(
                order,
                limits,
                plan,
                session,
                attempt,
                new Archive.Place(folder.resolve(name), database.engine(), PurgeConfig.keys(config)),
                expected);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        session.settle();
        boolean isEmpty = result.execution().deleted().isEmpty();
        if (!isEmpty) {
            receipt(order, database, plan, result, took, folder.resolve(name), name)
                    .write(folder.resolve(name));
        }
        if (isEmpty && task.archive().isPresent()) {
            Receipt.forgetEmpty(folder.resolve(name));
        }
        List<String> notes = new ArrayList<>();
        if (!broken.isEmpty()) {
            notes.add(lifted(task, broken));
        }
        if (!isEmpty && !task.skipAnalyze() && result.stop().isEmpty()) {
            notes.addAll(analyzed(plan, result.execution(), session));
        }
        Reports reports = new Reports(
                plan, censuses, result.execution(), session, result.stop().isEmpty());
        Purge.Report report = reports.report(
                result.stop().isEmpty(),
                isEmpty || task.archive().isEmpty() ? Optional.empty() : Optional.of(name),
                notes);
        if (result.stop().isPresent()) {
            return Done.partial(
                    report, Reports.reason(result.stop().get()), Reports.findings(plan), reports.measurements(took));
        }
        return isEmpty
                ? Done.nothing(report, Reports.findings(plan), reports.measurements(took))
                : Done.succeeded(report, reports.findings(), reports.measurements(took));
    }

    private static String lifted(Purge task, List<Guardrails.Broken> broken) {
        return "lifted by the override of " + task.override().orElseThrow().key() + ": " + Guardrails.words(broken);
    }

    /** Why the purge is refused for these limits; empty if an override lifts them all. */
    private Optional<String> refusal(List<Guardrails.Broken> broken, Purge task, Overrides.Purging purging, Path folder)
            throws IOException {
        String limits = Guardrails.words(broken);
        boolean isOnlySize = broken.stream().allMatch(Guardrails.Broken::isOfSize);
        if (isOnlySize && task.override().isPresent()) {
            return overrides.problem(task.override().get(), purging, folder).map(problem -> limits + "; " + problem);
        }
        String way = isOnlySize && overrides.areKnown()
                ? "; if this is right, let somebody sign an override for it: upkeep override --help"
                : "";
        return Optional.of(limits + way);
    }

    /** The partitions that would be dropped instead of being emptied. */
    private static List<String> droppable(Plan plan, Purge task, Limits limits, Session session) throws SQLException {
        List<String> lines = new ArrayList<>();
        if (!limits.batching().dropPartitions()) {
            return lines;
        }
        for (Branch branch : plan.branches()) {
            for (Session.Walk walk : session.walks(branch)) {
                session.droppable(branch, walk)
                        .ifPresent(partition -> lines.add("partition " + partition.name()
                                + (task.archive().isPresent() ? " would be archived and dropped" : " would be dropped")
                                + " as a whole: " + partition.rows() + " rows, " + partition.bytes()
                                + " bytes with its indexes"));
            }
        }
        return lines;
    }

    /** Returns what could not be analysed: the rows are gone all the same. */
    private static List<String> analyzed(Plan plan, Execution execution, Session session) throws SQLException {
        List<String> late = new ArrayList<>();
        for (Branch branch : plan.branches()) {
            for (Table table : branch.tables().values()) {
                if (!execution.deleted().containsKey(table.name().text())) {
                    continue;
                }
                try {
                    session.analyze(List.of(table));
                } catch (SQLException e) {
                    session.rollback();
                    if (!session.isConflict(e)) {
                        throw e;
                    }
                    late.add("table " + table.name() + " was not analysed: others held a lock; order an analyze");
                }
            }
        }
        return late;
    }

    private record Result(Execution execution, Optional<Stop> stop) {}

    private static Result execute(
            Order<Purge> order,
            Limits limits,
            Plan plan,
            Session session,
            Attempt attempt,
            Archive.Place place,
            long expected)
            throws SQLException, IOException {
        if (order.task().archive().isEmpty()) {
            Execution execution =
                    new Execution(session, limits, plan, order, new Execution.Run(attempt, Optional.empty(), expected));
            return new Result(execution, execution.run());
        }
        Path folder = place.folder();
        try (Archive archive = Archive.open(place, order.task().archive().get())) {
            archive.settle(session::isThere);
            Execution execution = new Execution(
                    session, limits, plan, order, new Execution.Run(attempt, Optional.of(archive), expected));
            Optional<Stop> stop = execution.run();
            archive.finish();
            execution.trust(archive.rows());
            return new Result(execution, stop);
        } catch (IOException e) {
            throw new Failure(
                    folder.toFile().getUsableSpace() < 16 << 20 ? Code.DISK_FULL : Code.STORE_UNAVAILABLE,
                    "the archive in " + folder + " cannot be written, so nothing more was deleted: " + e.getMessage(),
                    e);
        }
    }

    private void demand(Order<Purge> order, DatabaseId database, Limits limits, Session session, List<String> unmet)
            throws SQLException, IOException {
        try {
            Guardrails.demandArchive(order.task().archive(), limits.guards());
            Optional<Reason> locked = order.task().archive().isEmpty()
                    ? Optional.empty()
                    : PurgeConfig.keys(config).mismatch();
            if (locked.isPresent()) {
                throw new Refused(locked.get().code(), locked.get().message());
            }
            Guardrails.demandBackup(order.task().backupWithin(), database, limits.demands(), backups, session.now());
            session.refuseWhileBusy(limits.demands());
        } catch (Refused refused) {
            if (!order.dryRun()) {
                throw refused;
            }
            unmet.add("would be refused: " + refused.reason().message());
        }
    }

    private static Receipt receipt(
            Order<Purge> order, Database database, Plan plan, Result result, Duration took, Path folder, String name)
            throws IOException {
        boolean isArchived = order.task().archive().isPresent();
        Engine engine = database.engine();
        return new Receipt(
                name,
                database.id(),
                engine,
                order.command(),
                order.asOf(),
                plan.hash(),
                order.task(),
                Instant.now(),
                took.toMillis() / 1000.0,
                result.stop().isEmpty(),
                Map.copyOf(result.execution().deleted()),
                isArchived ? Reports.shapes(plan) : List.of(),
                isArchived ? Receipt.partsIn(folder) : List.of(),
                Optional.empty());
    }
}
