package dev.upkeep.reporter.fleet;

import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.reporter.history.Json;
import dev.upkeep.reporter.history.Session;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;

/** Keeps the newest statement of each executor, and of each database the one of the executor that spoke last. */
public final class FleetRows {
    private FleetRows() {}

    /** Stores statements; one older than what is stored changes nothing. */
    public static void store(Session session, Collection<Registration> statements) {
        for (Registration statement : statements) {
            int changed = session.update(
                    "INSERT INTO executor (executor, at, silent_after, stopping, doc) VALUES (?, ?, ?, ?, ?)"
                            + " ON CONFLICT (executor) DO UPDATE SET at = excluded.at,"
                            + " silent_after = excluded.silent_after, stopping = excluded.stopping, doc = excluded.doc"
                            + " WHERE excluded.at >= executor.at",
                    statement.executor().text(),
                    statement.at(),
                    statement.at().plus(statement.heartbeat().multipliedBy(3)),
                    statement.stopping(),
                    Json.text(statement));
            if (changed > 0) {
                storeDatabases(session, statement);
            }
        }
    }

    private static void storeDatabases(Session session, Registration statement) {
        String executor = statement.executor().text();
        try (Session.Bulk upsert = session.bulk(
                "INSERT INTO fleet (db, executor, engine, problem, labels, at, gone, doc) VALUES (?, ?, ?, ?, ?, ?, 0, ?)"
                        + " ON CONFLICT (db) DO UPDATE SET executor = excluded.executor, engine = excluded.engine,"
                        + " problem = excluded.problem, labels = excluded.labels, at = excluded.at, gone = 0,"
                        + " doc = excluded.doc WHERE excluded.at >= fleet.at")) {
            for (RegisteredDatabase database : statement.databases()) {
                upsert.add(
                        database.id().text(),
                        executor,
                        database.engine(),
                        database.problem(),
                        Json.text(database.labels()),
                        statement.at(),
                        Json.text(database));
            }
            upsert.run();
        }
        Set<String> stated =
                statement.databases().stream().map(d -> d.id().text()).collect(Collectors.toSet());
        session.list("SELECT db FROM fleet WHERE executor = ? AND gone = 0", row -> row.text(1), executor).stream()
                .filter(known -> !stated.contains(known))
                .forEach(left -> session.update("UPDATE fleet SET gone = 1 WHERE db = ?", left));
    }

    /** An executor that was taken off the list for good. */
    public static void forget(Session session, Collection<String> executors) {
        for (String executor : executors) {
            session.update("DELETE FROM executor WHERE executor = ?", executor);
            session.update("UPDATE fleet SET gone = 1 WHERE executor = ?", executor);
        }
    }
}
