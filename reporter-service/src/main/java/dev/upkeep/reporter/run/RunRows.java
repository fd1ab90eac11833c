package dev.upkeep.reporter.run;

import dev.upkeep.common.command.Validity;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.run.Target;
import dev.upkeep.reporter.history.Json;
import dev.upkeep.reporter.history.Session;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Keeps the newest state of each run, part by part. */
public final class RunRows {
    private RunRows() {}

    /** Stores states; one older than what is stored changes nothing. Returns those that were news. */
    public static List<RunState> store(Session session, Collection<RunState> states) {
        List<RunState> news = new ArrayList<>();
        for (RunState state : states) {
            int changed = session.update(
                    "INSERT INTO run_part (run, part, at) VALUES (?, ?, ?)"
                            + " ON CONFLICT (run, part) DO UPDATE SET at = excluded.at WHERE excluded.at >= run_part.at",
                    state.run().text(),
                    state.part(),
                    state.at());
            if (changed > 0) {
                news.add(state);
                storeHead(session, state);
                storeTargets(session, state);
            }
        }
        return news;
    }

    private static void storeHead(Session session, RunState state) {
        String keepSteps = state.part() == 0 ? "" : " AND 1 = 0";
        session.update(
                "INSERT INTO run (run, origin_kind, origin, status, as_of, at, databases, dry_run, doc)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (run) DO UPDATE SET status = excluded.status, as_of = excluded.as_of,"
                        + " at = excluded.at, databases = excluded.databases, doc = excluded.doc"
                        + " WHERE excluded.at >= run.at" + keepSteps,
                state.run().text(),
                state.origin().kind(),
                state.origin().name(),
                state.status(),
                state.asOf(),
                state.at(),
                state.databases(),
                state.dryRun(),
                Json.text(head(state)));
    }

    private static RunState head(RunState state) {
        return new RunState(
                state.run(),
                state.origin(),
                state.status(),
                state.reasons(),
                state.asOf(),
                state.at(),
                state.validity(),
                state.dryRun(),
                state.planHash(),
                state.databases(),
                state.part(),
                state.parts(),
                state.steps(),
                List.of());
    }

    private static void storeTargets(Session session, RunState state) {
        try (Session.Bulk upsert = session.bulk("INSERT INTO target"
                + " (run, db, command, executor, status, outcome, sent_at, ended_at, finish_by, reasons)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (run, db) DO UPDATE SET command = excluded.command, status = excluded.status, outcome = excluded.outcome,"
                + " sent_at = excluded.sent_at, ended_at = excluded.ended_at, finish_by = excluded.finish_by,"
                + " reasons = excluded.reasons WHERE target.status <> excluded.status"
                + " OR target.command <> excluded.command")) {
            for (Target target : state.targets()) {
                upsert.add(
                        state.run().text(),
                        target.database().text(),
                        target.command().text(),
                        target.executor().text(),
                        target.status(),
                        target.outcome(),
                        target.sentAt(),
                        target.endedAt(),
                        state.validity().map(Validity::finishBy),
                        Json.text(target.reasons()));
            }
            upsert.run();
        }
    }
}
