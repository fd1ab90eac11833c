package dev.upkeep.reporter.history;

import java.util.Optional;

/**
 * How far each partition was read, kept with what was read from it, so that a crash neither loses nor repeats a record. A place
 * belongs to one incarnation of a topic: when a topic was made anew, its place does not count.
 */
public final class Places {
    private Places() {}

    /** The offset to go on from, or empty for a partition never read in this incarnation of its topic. */
    public static Optional<Long> next(Session session, String topic, int partition, String topicId) {
        return session.first(
                "SELECT next_offset FROM place WHERE topic = ? AND part = ? AND topic_id = ?",
                row -> row.number(1),
                topic,
                partition,
                topicId);
    }

    /** Notes the offset to go on from; never goes back within one incarnation. */
    public static void note(Session session, String topic, int partition, String topicId, long next) {
        session.update(
                "INSERT INTO place (topic, part, topic_id, next_offset) VALUES (?, ?, ?, ?)"
                        + " ON CONFLICT (topic, part) DO UPDATE"
                        + " SET next_offset = excluded.next_offset, topic_id = excluded.topic_id"
                        + " WHERE place.topic_id <> excluded.topic_id OR place.next_offset < excluded.next_offset",
                topic,
                partition,
                topicId,
                next);
    }
}
