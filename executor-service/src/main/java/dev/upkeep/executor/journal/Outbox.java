package dev.upkeep.executor.journal;

import dev.upkeep.common.id.CommandId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * What is still to be published: results and dead letters, in the order in which they were journalled. A result stays, marked as
 * sent, as long as its command, so that a repeated command is answered with the same bytes. Thread-safe.
 */
public final class Outbox {
    private final JournalFile file;
    private final Clock clock;

    public Outbox(JournalFile file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    static void add(Connection connection, Optional<CommandId> command, ProducerRecord<String, byte[]> record)
            throws SQLException {
        Rows.update(
                connection,
                "INSERT INTO outbox (command, topic, key, headers, value) VALUES (?, ?, ?, ?, ?)",
                command.map(CommandId::text).orElse(null),
                record.topic(),
                record.key(),
                Outgoing.headers(record),
                record.value());
    }

    static void again(Connection connection, CommandId command) throws SQLException {
        Rows.update(connection, "UPDATE outbox SET sent_at = NULL WHERE command = ?", command.text());
    }

    /** The oldest records that are still to be published. */
    public List<Outgoing> pending(int most) {
        return file.read(connection -> {
            List<Outgoing> pending = new ArrayList<>();
            try (PreparedStatement query = connection.prepareStatement(
                    "SELECT seq, topic, key, headers, value FROM outbox WHERE sent_at IS NULL ORDER BY seq LIMIT ?")) {
                query.setInt(1, most);
                try (ResultSet row = query.executeQuery()) {
                    while (row.next()) {
                        pending.add(new Outgoing(
                                row.getLong("seq"),
                                new ProducerRecord<>(
                                        row.getString("topic"),
                                        null,
                                        row.getString("key"),
                                        row.getBytes("value"),
                                        Outgoing.headers(row.getString("headers")))));
                    }
                }
            }
            return pending;
        });
    }

    /** How many are still to be published. */
    public int size() {
        return file.read(connection -> {
            try (PreparedStatement query =
                            connection.prepareStatement("SELECT count(*) FROM outbox WHERE sent_at IS NULL");
                    ResultSet row = query.executeQuery()) {
                return row.next() ? row.getInt(1) : 0;
            }
        });
    }

    /** The broker has these: results are kept as sent, dead letters are forgotten. */
    public void sent(Collection<Outgoing> acknowledged) {
        file.write(connection -> {
            for (Outgoing outgoing : acknowledged) {
                Rows.update(connection, "DELETE FROM outbox WHERE seq = ? AND command IS NULL", outgoing.seq());
                Rows.update(connection, "UPDATE outbox SET sent_at = ? WHERE seq = ?", clock.instant(), outgoing.seq());
            }
            return acknowledged.size();
        });
    }

    /** Puts a record in place of one that the broker will never take, such as one that it finds too large. */
    public void replace(Outgoing outgoing, ProducerRecord<String, byte[]> smaller) {
        file.write(connection -> Rows.update(
                connection,
                "UPDATE outbox SET key = ?, headers = ?, value = ? WHERE seq = ?",
                smaller.key(),
                Outgoing.headers(smaller),
                smaller.value(),
                outgoing.seq()));
    }
}
