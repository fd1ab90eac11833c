package dev.upkeep.reporter.quarantine;

import dev.upkeep.common.result.Result;
import dev.upkeep.reporter.history.Session;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Compares a result with what the scheduler said of its run: whether that command was issued at all, and to which executor. Of a
 * run that is not known yet only the owner of the database can be compared. Executors are not trusted: anybody who may write to
 * the results topic could claim anything.
 *
 * <p>For the results of one transaction; remembers what it looked up. Not thread-safe.
 */
final class Judge {
    private static final Pattern RETRY = Pattern.compile("/retry-\\d{1,3}$");

    /** Why a result is not believed. */
    enum Doubt {
        /** The command was issued to another executor. */
        WRONG_EXECUTOR,
        /** The run is known as a whole, and has no such command. */
        NEVER_ISSUED,
        /** The run is not known, and another executor states the database. */
        NOT_ITS_DATABASE
    }

    record Verdict(Doubt doubt, String reason) {}

    private record Issued(String command, String executor) {}

    private final Session session;
    private final Map<String, Boolean> known = new HashMap<>();
    private final Map<String, Boolean> whole = new HashMap<>();
    private final Map<String, Optional<String>> owners = new HashMap<>();

    Judge(Session session) {
        this.session = session;
    }

    /** Why not to believe it, if so. */
    Optional<Verdict> doubt(Result result) {
        String run = result.run().text();
        String executor = result.executor().text();
        boolean isKnown =
                known.computeIfAbsent(run, id -> session.number("SELECT count(*) FROM run WHERE run = ?", id) > 0);
        if (!isKnown) {
            return owner(result.database().text())
                    .filter(owner -> !owner.equals(executor))
                    .map(owner -> new Verdict(
                            Doubt.NOT_ITS_DATABASE,
                            "executor " + owner + " states database " + result.database() + ", not " + executor));
        }
        Optional<Issued> issued = session.first(
                "SELECT command, executor FROM target WHERE run = ? AND db = ?",
                row -> new Issued(row.text(1), row.text(2)),
                run,
                result.database().text());
        if (issued.isEmpty()) {
            return whole.computeIfAbsent(run, this::isWhole)
                    ? Optional.of(new Verdict(
                            Doubt.NEVER_ISSUED, "run " + run + " has no command for database " + result.database()))
                    : Optional.empty();
        }
        if (!issued.get().executor().equals(executor)) {
            return Optional.of(new Verdict(
                    Doubt.WRONG_EXECUTOR,
                    "the command was issued to executor " + issued.get().executor() + ", not to " + executor));
        }
        return first(issued.get().command()).equals(first(result.command().text()))
                ? Optional.empty()
                : Optional.of(new Verdict(
                        Doubt.NEVER_ISSUED,
                        "run " + run + " issued " + issued.get().command() + " instead"));
    }

    private static String first(String command) {
        return RETRY.matcher(command).replaceFirst("");
    }

    private boolean isWhole(String run) {
        return session.number("SELECT count(*) FROM target WHERE run = ?", run)
                >= session.number("SELECT databases FROM run WHERE run = ?", run);
    }

    private Optional<String> owner(String database) {
        return owners.computeIfAbsent(
                database,
                id -> session.first("SELECT executor FROM fleet WHERE db = ? AND gone = 0", row -> row.text(1), id));
    }
}
