package dev.upkeep.executor.journal;

import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.wire.Wire;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Commands and how far each is. Every method that changes something is one transaction, and durable when it returns. A command
 * ends once: its result enters the outbox in the same transaction, and no later call changes it.
 *
 * <p>All methods throw {@link JournalFailure}, after which nothing of the call was kept. Thread-safe.
 */
public final class Journal {
    private final JournalFile file;
    private final Clock clock;

    public Journal(JournalFile file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    /** When it began: of commands issued earlier it cannot know whether they were carried out. */
    public Instant born() {
        return file.born();
    }

    /** When it was begun anew, in place of one that was lost or damaged. */
    public Optional<Instant> recoveredAt() {
        return file.recoveredAt();
    }

    /** Whether it is known whether this is the executor's first journal. */
    public boolean isCompared() {
        return file.isCompared();
    }

    /**
     * Says once and for all whether this executor had a journal before this one.
     *
     * @param isLost whether it had, so that {@link #recoveredAt} tells from now on
     */
    public void compared(boolean isLost) {
        file.compared(isLost);
    }

    /** Takes up what came from the lane, in one transaction; says for each in turn what became of it. */
    public List<Arrival.Effect> receive(List<Arrival> arrivals) {
        return file.write(connection -> {
            List<Arrival.Effect> effects = new ArrayList<>();
            for (Arrival arrival : arrivals) {
                effects.add(receive(connection, arrival));
            }
            return effects;
        });
    }

    private Arrival.Effect receive(Connection connection, Arrival arrival) throws SQLException {
        if (arrival instanceof Arrival.Ordered ordered) {
            return receive(connection, ordered);
        }
        if (arrival instanceof Arrival.Cancelled cancelled) {
            return cancel(connection, cancelled.cancel());
        }
        Outbox.add(connection, Optional.empty(), ((Arrival.Unread) arrival).deadLetter());
        return Arrival.Effect.NONE;
    }

    private Arrival.Effect receive(Connection connection, Arrival.Ordered ordered) throws SQLException {
        Optional<String> known = hash(connection, ordered.id());
        if (known.isPresent()) {
            if (known.get().equals(ordered.hash())) {
                Outbox.again(connection, ordered.id());
                return Arrival.Effect.REPEATED;
            }
            Outbox.add(connection, Optional.empty(), ordered.conflict());
            return Arrival.Effect.CONFLICT;
        }
        Rows.update(
                connection,
                "INSERT INTO command (id, hash, body, state, received_at, ended_at, traceparent) VALUES (?, ?, ?, ?, ?, ?, ?)",
                ordered.id().text(),
                ordered.hash(),
                ordered.body(),
                ordered.refusal().isPresent() ? "ended" : "waiting",
                clock.instant(),
                ordered.refusal().isPresent() ? clock.instant() : null,
                ordered.traceparent().orElse(null));
        if (ordered.refusal().isEmpty()) {
            return Arrival.Effect.ACCEPTED;
        }
        Outbox.add(connection, Optional.of(ordered.id()), ordered.refusal().get());
        return Arrival.Effect.REFUSED;
    }

    private static Optional<String> hash(Connection connection, CommandId id) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT hash FROM command WHERE id = ?")) {
            query.setString(1, id.text());
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }

    private static Arrival.Effect cancel(Connection connection, Cancel cancel) throws SQLException {
        String words = cancel.requestedBy().map(who -> "by " + who).orElse("by request")
                + cancel.reason().map(why -> ": " + why).orElse("");
        int changed = Rows.update(
                connection,
                "UPDATE command SET cancelled = ? WHERE id = ? AND state <> 'ended' AND cancelled IS NULL",
                words,
                cancel.command().text());
        return changed == 1 ? Arrival.Effect.CANCELLED : Arrival.Effect.NONE;
    }

    /** The ids of the commands that have not ended, in the order in which they came. */
    public List<String> open() {
        return file.read(connection -> {
            List<String> open = new ArrayList<>();
            try (Statement query = connection.createStatement();
                    ResultSet row = query.executeQuery("SELECT id FROM command WHERE state <> 'ended' ORDER BY seq")) {
                while (row.next()) {
                    open.add(row.getString(1));
                }
            }
            return open;
        });
    }

    /** A command without its steps, for when those cannot be read. */
    public Optional<Entry> findWithoutSteps(CommandId id) {
        return find(id, (connection, command) -> List.of());
    }

    /** One command. */
    public Optional<Entry> find(CommandId id) {
        return find(id, Rows::steps);
    }

    private Optional<Entry> find(CommandId id, Rows.StepsOf steps) {
        return file.read(connection -> {
            try (PreparedStatement query = connection.prepareStatement("SELECT * FROM command WHERE id = ?")) {
                query.setString(1, id.text());
                try (ResultSet row = query.executeQuery()) {
                    return row.next() ? Optional.of(Rows.entry(row, steps.of(connection, id))) : Optional.empty();
                }
            }
        });
    }

    /** The command is being run now. */
    public void begin(CommandId id) {
        file.write(connection -> Rows.update(
                connection,
                "UPDATE command SET state = 'running', attempts = attempts + 1,"
                        + " started_at = coalesce(started_at, ?) WHERE id = ? AND state <> 'ended'",
                clock.instant(),
                id.text()));
    }

    /** The step is being done now; one that was being done already, and never left in good order, has crashed. */
    public void beginStep(CommandId id, int position) {
        file.write(connection -> Rows.update(
                connection,
                "INSERT INTO step (command, position, state, attempts, started_at) VALUES (?, ?, 'running', 1, ?)"
                        + " ON CONFLICT DO UPDATE SET crashes = crashes + (state = 'running'), state = 'running', attempts = attempts + 1",
                id.text(),
                position,
                clock.instant()));
    }

    /** Where the step would go on. */
    public void saveCursor(CommandId id, int position, String cursor) {
        file.write(connection -> Rows.update(
                connection,
                "UPDATE step SET cursor = ? WHERE command = ? AND position = ?",
                cursor,
                id.text(),
                position));
    }

    /** The step has failed in a way that may pass; the command waits for another try. */
    public void failed(CommandId id) {
        file.write(connection -> {
            Rows.update(
                    connection,
                    "UPDATE step SET failures = failures + 1 WHERE command = ? AND state = 'running'",
                    id.text());
            return pause(connection, id);
        });
    }

    /** The command waits again, for the next start; a step that was being done is left in good order. */
    public void pause(CommandId id) {
        file.write(connection -> pause(connection, id));
    }

    private static int pause(Connection connection, CommandId id) throws SQLException {
        Rows.update(connection, "UPDATE command SET state = 'waiting' WHERE id = ? AND state = 'running'", id.text());
        return Rows.update(
                connection, "UPDATE step SET state = 'paused' WHERE command = ? AND state = 'running'", id.text());
    }

    /** The step has ended; the cursor of its line of work is kept if it is partial, and dropped if not. */
    public void endStep(CommandId id, int position, TaskResult result, Continuation continuation) {
        file.write(connection -> {
            Rows.update(
                    connection,
                    "INSERT INTO step (command, position, state, attempts, started_at, result) VALUES (?, ?, 'ended', 0, ?, ?)"
                            + " ON CONFLICT DO UPDATE SET state = 'ended', result = excluded.result",
                    id.text(),
                    position,
                    clock.instant(),
                    Wire.write(result));
            Rows.update(connection, "DELETE FROM cursor WHERE owner = ?", continuation.owner());
            if (continuation.isWanted()) {
                Rows.update(
                        connection,
                        "INSERT INTO cursor (owner, cursor, saved_at) SELECT ?, cursor, ? FROM step"
                                + " WHERE command = ? AND position = ? AND cursor IS NOT NULL",
                        continuation.owner(),
                        clock.instant(),
                        id.text(),
                        position);
            }
            return true;
        });
    }

    /**
     * Who a kept cursor belongs to.
     *
     * @param owner the same for each command of one policy, database and task
     * @param isWanted whether there is something to go on with
     */
    public record Continuation(String owner, boolean isWanted) {}

    /** The cursor that the last command of this line of work left. */
    public Optional<String> keptCursor(String owner) {
        return file.read(connection -> {
            try (PreparedStatement query = connection.prepareStatement("SELECT cursor FROM cursor WHERE owner = ?")) {
                query.setString(1, owner);
                try (ResultSet row = query.executeQuery()) {
                    return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
                }
            }
        });
    }

    /** The command has ended; its result waits in the outbox. A command that had ended before stays as it was. */
    public void end(CommandId id, ProducerRecord<String, byte[]> result) {
        file.write(connection -> {
            int changed = Rows.update(
                    connection,
                    "UPDATE command SET state = 'ended', ended_at = ? WHERE id = ? AND state <> 'ended'",
                    clock.instant(),
                    id.text());
            if (changed == 1) {
                Outbox.add(connection, Optional.of(id), result);
            }
            return changed;
        });
    }

    /** The command has ended without a result, since nobody could tell whose it would be. */
    public void abandon(CommandId id) {
        file.write(connection -> Rows.update(
                connection,
                "UPDATE command SET state = 'ended', ended_at = ? WHERE id = ?",
                clock.instant(),
                id.text()));
    }

    /** Forgets commands that ended longer ago than this and whose result has been published, and cursors as old. */
    public int prune(Duration keep) {
        Instant oldest = clock.instant().minus(keep);
        return file.write(connection -> {
            Rows.update(connection, "DELETE FROM cursor WHERE saved_at < ?", oldest);
            return Rows.update(
                    connection,
                    "DELETE FROM command WHERE seq IN (SELECT seq FROM command c WHERE state = 'ended' AND ended_at < ?"
                            + " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.command = c.id AND o.sent_at IS NULL) LIMIT 5000)",
                    oldest);
        });
    }
}
