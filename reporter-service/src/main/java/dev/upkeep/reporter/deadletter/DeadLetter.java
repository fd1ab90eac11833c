package dev.upkeep.reporter.deadletter;

import dev.upkeep.common.kafka.Records;
import dev.upkeep.reporter.history.Session;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A record that somebody could not read: where it came from, who tried, and what was wrong with it. */
public record DeadLetter(
        int partition,
        long offset,
        Instant at,
        String sourceTopic,
        int sourcePartition,
        long sourceOffset,
        String reader,
        String code,
        String error) {

    /** Reads the headers of a record on the dead-letter topic; what is missing there is said to be unknown. */
    public static DeadLetter of(ConsumerRecord<String, byte[]> record) {
        return new DeadLetter(
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                header(record, "upkeep_source_topic").orElse("unknown"),
                (int) number(record, "upkeep_source_partition"),
                number(record, "upkeep_source_offset"),
                header(record, "upkeep_reader").orElse("unknown"),
                header(record, "upkeep_error_code").orElse("unknown"),
                header(record, "upkeep_error").orElse(""));
    }

    /** Stores dead letters, each once. */
    public static void store(Session session, List<DeadLetter> letters) {
        try (Session.Bulk insert = session.bulk("INSERT INTO dead_letter"
                + " (part, at_offset, at, source_topic, source_part, source_offset, reader, code, error)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (part, at_offset) DO NOTHING")) {
            for (DeadLetter letter : letters) {
                insert.add(
                        letter.partition(),
                        letter.offset(),
                        letter.at(),
                        letter.sourceTopic(),
                        letter.sourcePartition(),
                        letter.sourceOffset(),
                        letter.reader(),
                        letter.code(),
                        letter.error());
            }
            insert.run();
        }
    }

    private static Optional<String> header(ConsumerRecord<String, byte[]> record, String name) {
        return Records.header(record.headers(), name);
    }

    private static long number(ConsumerRecord<String, byte[]> record, String name) {
        try {
            return header(record, name).map(Long::parseLong).orElse(-1L);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
