package dev.upkeep.executor.publish;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.common.wire.Wire;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The short form of a record that the broker will not take: a result without reports, findings and measurements; else the first KiB. */
final class ShortForm {
    private static final int SHORT = 1_024;

    private ShortForm() {}

    static ProducerRecord<String, byte[]> of(ProducerRecord<String, byte[]> record) {
        byte[] value = shortResult(record.value())
                .orElseGet(() -> java.util.Arrays.copyOf(record.value(), Math.min(SHORT, record.value().length)));
        return new ProducerRecord<>(record.topic(), null, record.key(), value, record.headers());
    }

    private static Optional<byte[]> shortResult(byte[] value) {
        if (value.length <= SHORT || value[0] != '{' || !(Wire.readTree(value) instanceof ObjectNode result)) {
            return Optional.empty();
        }
        for (JsonNode task : result.path("tasks")) {
            if (task instanceof ObjectNode object) {
                object.remove("report");
                object.putArray("findings");
                object.putArray("measurements");
                object.put("truncated", true);
            }
        }
        return Optional.of(Wire.write(result));
    }
}
