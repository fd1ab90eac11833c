package dev.upkeep.executor.publish;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.wire.Wire;
import java.util.Arrays;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Shorter forms of a record that the broker will not take. Of a result: first without reports, findings and measurements, then with
 * nothing but how it ended and the beginning of why. Of a dead letter: its first KiB, then nothing but what is wrong with it.
 */
final class ShortForm {
    private static final int SHORT = 1_024;
    private static final int SHORT_MESSAGE = 200;

    private ShortForm() {}

    /** The next shorter form; empty if there is none. */
    static Optional<ProducerRecord<String, byte[]>> of(ProducerRecord<String, byte[]> record) {
        byte[] value = record.value();
        if (record.headers().lastHeader(Records.ERROR_CODE) != null) {
            return value.length > SHORT ? Optional.of(with(record, Arrays.copyOf(value, SHORT))) : bareLetter(record);
        }
        byte[] shorter = result(value, false);
        byte[] bare = shorter.length < value.length ? shorter : result(value, true);
        return bare.length < value.length ? Optional.of(with(record, bare)) : Optional.empty();
    }

    private static ProducerRecord<String, byte[]> with(ProducerRecord<String, byte[]> record, byte[] value) {
        return new ProducerRecord<>(record.topic(), null, record.key(), value, record.headers());
    }

    private static Optional<ProducerRecord<String, byte[]>> bareLetter(ProducerRecord<String, byte[]> letter) {
        RecordHeaders headers = new RecordHeaders();
        letter.headers().forEach(header -> {
            if (header.key().startsWith("upkeep_")) {
                byte[] value = header.value();
                headers.add(header.key(), Arrays.copyOf(value, Math.min(SHORT_MESSAGE, value.length)));
            }
        });
        ProducerRecord<String, byte[]> bare =
                new ProducerRecord<>(letter.topic(), null, letter.key(), new byte[0], headers);
        boolean isBare = letter.value().length == 0 && letter.headers().equals(headers);
        return isBare ? Optional.empty() : Optional.of(bare);
    }

    private static byte[] result(byte[] value, boolean isBare) {
        ObjectNode result = (ObjectNode) Wire.readTree(value);
        for (JsonNode task : result.path("tasks")) {
            ObjectNode object = (ObjectNode) task;
            object.remove("report");
            object.putArray("findings");
            object.putArray("measurements");
            object.put("truncated", true);
            if (isBare) {
                object.remove("reason");
                object.putObject("parameters");
            }
        }
        if (isBare && result.path("reasons") instanceof ArrayNode reasons && !reasons.isEmpty()) {
            ObjectNode first = (ObjectNode) reasons.get(0);
            String message = first.path("message").asText();
            first.put("message", message.substring(0, Math.min(SHORT_MESSAGE, message.length())));
            result.putArray("reasons").add(first);
        }
        return Wire.write(result);
    }
}
