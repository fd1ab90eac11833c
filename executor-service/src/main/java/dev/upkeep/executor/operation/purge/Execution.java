package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.Stop;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Carries a plan out, batch by batch, from the cursor on, until it is done or has to stop. Used by one thread, once. */
final class Execution {
    private static final Duration SAVE_EVERY = Duration.ofMillis(500);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);
    private static final int MOST_CONFLICTS = 12;
    private static final int SCAN = 4;
    private static final int MOST_SCAN = 1 << 28;

    private final Session session;
    private final Limits limits;
    private final Plan plan;
    private final Attempt attempt;
    private final Optional<Archive> archive;
    private final Instant asOf;
    private final Purge.Pace pace;
    private Pacer pacer;
    private final long expected;
    private final Optional<Cursor> earlier;

    private int rule;
    private Optional<String> walkName = Optional.empty();
    private Optional<String> position = Optional.empty();
    private boolean lapLeft;
    private long batches;
    private final Map<String, Long> deleted = new TreeMap<>();
    private final Map<String, Long> archived = new TreeMap<>();
    private long deletedNow;
    private long saved = System.nanoTime();

    Execution(Session session, Limits limits, Plan plan, Order<Purge> order, Run run) {
        this.session = session;
        this.limits = limits;
        this.plan = plan;
        this.attempt = run.attempt();
        this.archive = run.archive();
        this.expected = run.expected();
        this.asOf = order.asOf();
        this.pace = order.task().pace().orElse(Purge.Pace.GENTLE);
        this.pacer = new Pacer(
                Session.Rhythm.fast(limits.batching().target()),
                limits.batching().mostRows());
        this.earlier = Cursor.read(attempt.cursor(), plan.hash());
        earlier.filter(cursor -> cursor.asOf().equals(asOf)).ifPresent(cursor -> {
            deleted.putAll(cursor.deleted());
            archived.putAll(cursor.archived());
            batches = cursor.batches();
        });
    }

    /**
     * What it runs with.
     *
     * @param expected how many rows were counted beforehand
     */
    record Run(Attempt attempt, Optional<Archive> archive, long expected) {}

    /** Takes the archive's word for how much is in it: it also counts batches of tries that died before they could say so. */
    void trust(Map<String, Long> inArchive) {
        archived.clear();
        archived.putAll(inArchive);
        inArchive.forEach((table, rows) -> deleted.putIfAbsent(table, rows));
    }

    /** Works until the end, or until there is a reason to stop, which it returns. */
    Optional<Stop> run() throws SQLException, IOException {
        pacer = new Pacer(
                session.pace(pace, limits.batching().target()),
                limits.batching().mostRows());
        boolean isSame = earlier.map(cursor -> cursor.asOf().equals(asOf)).orElse(false);
        for (rule = isSame ? earlier.orElseThrow().rule() : 0;
                rule < plan.branches().size();
                rule++) {
            Optional<Stop> stop = run(plan.branches().get(rule), isSame);
            if (stop.isPresent()) {
                save();
                return stop;
            }
        }
        save();
        return Optional.empty();
    }

    long batches() {
        return batches;
    }

    Map<String, Long> deleted() {
        return deleted;
    }

    Map<String, Long> archived() {
        return archived;
    }

    private Optional<Stop> run(Branch branch, boolean isSame) throws SQLException, IOException {
        Optional<Cursor> here =
                earlier.filter(cursor -> cursor.rule() == rule && cursor.walk().isPresent());
        List<Session.Walk> walks = session.walks(branch);
        boolean isReached = !isSame
                || here.isEmpty()
                || walks.stream()
                        .noneMatch(walk ->
                                Optional.of(walk.name()).equals(here.get().walk()));
        for (Session.Walk walk : walks) {
            boolean isHere = here.isPresent() && here.get().walk().equals(Optional.of(walk.name()));
            isReached |= isHere;
            if (!isReached) {
                continue;
            }
            walkName = Optional.of(walk.name());
            position = isHere ? here.get().position() : Optional.empty();
            lapLeft = position.isPresent() && (!isSame || here.get().lapLeft());
            Optional<Stop> stop = attempt.stop();
            if (stop.isPresent()) {
                return stop;
            }
            if (limits.batching().dropPartitions() && position.isEmpty() && drop(branch, walk)) {
                continue;
            }
            stop = walk(branch, walk);
            if (stop.isPresent()) {
                return stop;
            }
        }
        walkName = Optional.empty();
        position = Optional.empty();
        return Optional.empty();
    }

    private boolean drop(Branch branch, Session.Walk walk) throws SQLException, IOException {
        OptionalLong rows =
                archive.isEmpty() ? session.drop(branch, walk) : session.drop(branch, walk, archive.get(), attempt);
        if (rows.isPresent() && rows.getAsLong() > 0) {
            batches++;
            String table = branch.root().name().text();
            deleted.merge(table, rows.getAsLong(), Long::sum);
            if (archive.isPresent()) {
                archived.merge(table, rows.getAsLong(), Long::sum);
            }
            deletedNow += rows.getAsLong();
            save();
        }
        return rows.isPresent();
    }

    private Optional<Stop> walk(Branch branch, Session.Walk walk) throws SQLException, IOException {
        Batch batch = new Batch(session, branch, archive, limits.batching());
        int scan = SCAN;
        int conflicts = 0;
        while (true) {
            Optional<Stop> stop = attempt.stop();
            if (stop.isPresent()) {
                return stop;
            }
            long start = System.nanoTime();
            int take = pacer.take();
            Batch.Outcome outcome;
            try {
                int look = branch.age().hasCondition() ? (int) Math.min(Integer.MAX_VALUE, (long) take * scan) : take;
                outcome = batch.run(walk, position, look, take);
                // the wait for other writers is no work of ours
                start = batch.begunAt();
                conflicts = 0;
            } catch (SQLException e) {
                stop = attempt.stop();
                if (stop.isPresent()) {
                    return stop;
                }
                conflicts++;
                if (!session.isConflict(e) || conflicts > MOST_CONFLICTS) {
                    throw failure(e);
                }
                pacer.shrink();
                Duration wait = Duration.ofMillis(10L << Math.min(conflicts, 7));
                attempt.giveWay(
                        Duration.ofNanos(System.nanoTime() - start),
                        wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait,
                        "busy: others hold what the next batch needs");
                continue;
            }
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            if (outcome.isTooLarge()) {
                pacer.shrink();
                continue;
            }
            Session.Chosen chosen = outcome.chosen();
            boolean isStuck = !outcome.isSlice()
                    && !chosen.end()
                    && chosen.rows() == 0
                    && position.orElse("").equals(chosen.next());
            scan = isStuck ? Math.min(scan * 4, MOST_SCAN) : SCAN;
            if (!outcome.isSlice()) {
                position = Optional.of(chosen.next()).filter(place -> !place.isEmpty());
            }
            if (chosen.rows() > 0) {
                count(outcome);
                attempt.progress(percent(), Optional.empty(), walk.name() + ": " + deletedNow + " rows deleted");
            }
            if (outcome.looked() > 0) {
                pacer.learn(outcome.looked(), batch.work(), outcome.largest(), batch.limit());
                long freed = System.nanoTime();
                session.between();
                Duration rest = pacer.pause(took).minusNanos(System.nanoTime() - freed);
                attempt.yieldToApplication(took, rest.isNegative() ? Duration.ZERO : rest);
            }
            saveNowAndThen();
            if (chosen.end() && !outcome.isSlice()) {
                if (!lapLeft) {
                    return Optional.empty();
                }
                lapLeft = false;
                position = Optional.empty();
            }
        }
    }

    private void count(Batch.Outcome outcome) {
        batches++;
        outcome.deleted().forEach((table, rows) -> {
            deleted.merge(table.text(), rows, Long::sum);
            deletedNow += rows;
        });
        outcome.archived().forEach((table, rows) -> archived.merge(table.text(), rows, Long::sum));
        if (deletedNow > expected + expected / 10 + 10_000) {
            save();
            throw new Failure(
                    Code.GUARDRAIL,
                    "stopped after " + deletedNow + " rows: " + expected
                            + " were counted beforehand; find out who adds rows with old times, then order it again");
        }
    }

    private SQLException failure(SQLException error) {
        if (session.codeOf(error) == Code.CONSTRAINT) {
            // the engine's own message shows keys of rows
            throw new Failure(
                    Code.CONSTRAINT,
                    "a constraint of the database forbids to delete rows that the plan deletes (SQL state "
                            + error.getSQLState()
                            + "): rows refer to them that no foreign key or declared link leads to, or new ones keep"
                            + " coming",
                    error);
        }
        return error;
    }

    private double percent() {
        return expected == 0 ? 100 : Math.min(100, 100.0 * deletedNow / expected);
    }

    private void saveNowAndThen() {
        if (System.nanoTime() - saved > SAVE_EVERY.toNanos()) {
            save();
        }
    }

    private void save() {
        attempt.saveCursor(
                new Cursor(plan.hash(), asOf, rule, walkName, position, lapLeft, batches, deleted, archived).text());
        saved = System.nanoTime();
    }
}
