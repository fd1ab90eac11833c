package dev.upkeep.reporter.quarantine;

import dev.upkeep.common.result.Result;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.reporter.history.Packed;
import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.quarantine.Judge.Verdict;
import dev.upkeep.reporter.result.Received;
import dev.upkeep.reporter.result.Tally;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps aside results that cannot be what they say they are. Topics are read beside one another, so that a result may come before
 * the state of its run: what is kept aside is judged again whenever its run is heard of, and let go if it was right after all.
 */
public final class Quarantine {
    private Quarantine() {}

    /** Returns the results to be believed: of those that came, and of those kept aside that their runs now clear. */
    public static List<Received> sift(
            Session session, List<Received> came, List<RunState> news, Tally tally, Instant now) {
        Judge judge = new Judge(session);
        List<Received> believed = new ArrayList<>(cleared(session, judge, news));
        try (Session.Bulk aside = session.bulk("INSERT INTO quarantine"
                + " (command, run, db, executor, outcome, code, reason, at, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (command, executor) DO NOTHING")) {
            List<Verdict> verdicts = new ArrayList<>();
            for (Received one : came) {
                Optional<Verdict> doubt = judge.doubt(one.result());
                doubt.ifPresentOrElse(
                        verdict -> {
                            verdicts.add(verdict);
                            add(aside, one, verdict, now);
                        },
                        () -> believed.add(one));
            }
            int[] inserted = aside.run();
            for (int i = 0; i < inserted.length; i++) {
                if (inserted[i] > 0) {
                    tally.raise(
                            "quarantined_results",
                            1,
                            Map.of("reason", EnumText.of(verdicts.get(i).doubt())));
                }
            }
        }
        return believed;
    }

    private static void add(Session.Bulk aside, Received one, Verdict verdict, Instant now) {
        Result result = one.result();
        aside.add(
                result.command().text(),
                result.run().text(),
                result.database().text(),
                result.executor().text(),
                result.outcome(),
                verdict.doubt(),
                verdict.reason(),
                now,
                one.packed());
    }

    private static List<Received> cleared(Session session, Judge judge, List<RunState> news) {
        List<Received> cleared = new ArrayList<>();
        for (String run :
                news.stream().map(state -> state.run().text()).distinct().toList()) {
            session.list("SELECT doc FROM quarantine WHERE run = ?", row -> row.bytes(1), run).stream()
                    .map(packed -> new Received(Packed.read(packed, Result.class), packed))
                    .filter(one -> judge.doubt(one.result()).isEmpty())
                    .forEach(cleared::add);
        }
        cleared.forEach(one -> session.update(
                "DELETE FROM quarantine WHERE command = ? AND executor = ?",
                one.result().command().text(),
                one.result().executor().text()));
        return cleared;
    }
}
