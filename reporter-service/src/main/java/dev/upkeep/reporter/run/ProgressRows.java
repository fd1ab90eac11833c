package dev.upkeep.reporter.run;

import dev.upkeep.common.result.Progress;
import dev.upkeep.common.result.Result;
import dev.upkeep.reporter.history.Json;
import dev.upkeep.reporter.history.Session;
import java.util.Collection;
import java.util.List;

/** Keeps the newest progress of each command that has not ended. */
public final class ProgressRows {
    private ProgressRows() {}

    /** Stores progress; older than what is stored, or of a command that has ended, changes nothing. */
    public static void store(Session session, Collection<Progress> progress) {
        try (Session.Bulk upsert = session.bulk("INSERT INTO progress (command, db, run, at, doc)"
                + " SELECT d.command, d.db, d.run, d.at, d.doc FROM"
                + " (SELECT CAST(? AS TEXT) AS command, CAST(? AS TEXT) AS db, CAST(? AS TEXT) AS run,"
                + " CAST(? AS BIGINT) AS at, CAST(? AS TEXT) AS doc) d"
                + " WHERE NOT EXISTS (SELECT 1 FROM result r WHERE r.command = d.command)"
                + " ON CONFLICT (command) DO UPDATE SET at = excluded.at, doc = excluded.doc"
                + " WHERE excluded.at >= progress.at")) {
            for (Progress one : progress) {
                upsert.add(
                        one.command().text(), one.database().text(), one.run().text(), one.at(), Json.text(one));
            }
            upsert.run();
        }
    }

    /** What has ended makes no more progress. */
    public static void end(Session session, List<Result> ended) {
        try (Session.Bulk delete = session.bulk("DELETE FROM progress WHERE command = ?")) {
            ended.forEach(result -> delete.add(result.command().text()));
            delete.run();
        }
    }
}
