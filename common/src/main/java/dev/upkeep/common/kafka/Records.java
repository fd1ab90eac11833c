package dev.upkeep.common.kafka;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of messages, with the headers of the CloudEvents Kafka binding in binary mode, and dead letters of records
 * that could not be read.
 *
 * @param source the {@code ce_source} of all of them, such as {@code upkeep/executor/db7}
 */
public record Records(Topics topics, String source, Clock clock) {
    /** Says how an event travelled; passed through from request to command to result. */
    public static final String TRACEPARENT = "traceparent";

    /** The header that tells the kinds of messages apart. */
    public static final String TYPE = "ce_type";

    /** The header that a dead letter has: the machine's word for what is wrong with it. */
    public static final String ERROR_CODE = "upkeep_error_code";

    private static final int LARGEST_DEAD_LETTER = 64 * 1024;
    private static final int MOST_FOREIGN_HEADERS = 16 * 1024;

    /** The record of a message, on the partition that its key chooses. */
    public <T> ProducerRecord<String, byte[]> of(Message<T> kind, T value, Optional<String> traceparent) {
        return of(kind, value, null, traceparent);
    }

    /** The record of a message on a certain partition, such as an executor's lane. */
    public <T> ProducerRecord<String, byte[]> of(
            Message<T> kind, T value, @Nullable Integer partition, Optional<String> traceparent) {
        return of(kind, kind.key(value), kind.eventId(value), Wire.write(value), partition, traceparent);
    }

    /** The record of a message that was written before, such as a result from the journal. */
    public ProducerRecord<String, byte[]> of(
            Message<?> kind,
            String key,
            String eventId,
            byte[] value,
            @Nullable Integer partition,
            Optional<String> traceparent) {
        RecordHeaders headers = new RecordHeaders();
        put(headers, "ce_specversion", "1.0");
        put(headers, "ce_id", eventId);
        put(headers, "ce_source", source);
        put(headers, TYPE, kind.eventType());
        put(headers, "ce_time", clock.instant().toString());
        put(headers, "content-type", "application/json");
        traceparent.ifPresent(trace -> put(headers, TRACEPARENT, trace));
        return new ProducerRecord<>(topics.name(kind.topic()), partition, key.isEmpty() ? null : key, value, headers);
    }

    /**
     * A dead letter: the record as it came, cut at 64 KiB, with headers that say where it came from and what is wrong. Of its own
     * headers, those of up to 1 KiB, and 16 KiB of them in all.
     */
    public ProducerRecord<String, byte[]> deadLetter(ConsumerRecord<String, byte[]> unread, Reason reason) {
        RecordHeaders headers = new RecordHeaders();
        int room = MOST_FOREIGN_HEADERS;
        for (Header header : unread.headers()) {
            int size = header.key().length() + (header.value() == null ? 0 : header.value().length);
            if (header.value() != null
                    && size <= Math.min(1_024, room)
                    && !header.key().startsWith("upkeep_")) {
                headers.add(header);
                room -= size;
            }
        }
        String key = unread.key() == null || unread.key().length() > 1_024 ? null : unread.key();
        return deadLetter(unread, reason, headers, key, LARGEST_DEAD_LETTER);
    }

    /** A dead letter that says where the record came from and what is wrong, for when the whole one is too large for the broker. */
    public ProducerRecord<String, byte[]> shortDeadLetter(ConsumerRecord<String, byte[]> unread, Reason reason) {
        String message = reason.message();
        Reason shorter = new Reason(reason.code(), message.substring(0, Math.min(message.length(), 200)));
        return deadLetter(unread, shorter, new RecordHeaders(), null, 0);
    }

    private ProducerRecord<String, byte[]> deadLetter(
            ConsumerRecord<String, byte[]> unread,
            Reason reason,
            RecordHeaders headers,
            @Nullable String key,
            int most) {
        byte[] value = unread.value() == null ? new byte[0] : unread.value();
        put(headers, "upkeep_source_topic", unread.topic());
        put(headers, "upkeep_source_partition", Integer.toString(unread.partition()));
        put(headers, "upkeep_source_offset", Long.toString(unread.offset()));
        put(headers, ERROR_CODE, EnumText.of(reason.code()));
        put(headers, "upkeep_error", reason.message());
        put(headers, "upkeep_reader", source);
        put(headers, "upkeep_value_bytes", Integer.toString(value.length));
        byte[] kept = value.length <= most ? value : Arrays.copyOf(value, most);
        return new ProducerRecord<>(topics.name(Topic.DEAD_LETTERS), null, key, kept, headers);
    }

    /** Reads a record's value; a tombstone cannot be read. */
    public static <T> T read(ConsumerRecord<String, byte[]> record, Message<T> kind) throws Unreadable {
        if (record.value() == null) {
            throw Unreadable.of(Code.MALFORMED, "the record has no value");
        }
        return Wire.read(record.value(), kind.type());
    }

    /** A header as text, if it is there and no longer than 1 KiB. */
    public static Optional<String> header(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null || header.value().length > 1_024
                ? Optional.empty()
                : Optional.of(new String(header.value(), StandardCharsets.UTF_8));
    }

    private static void put(Headers headers, String name, String value) {
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
