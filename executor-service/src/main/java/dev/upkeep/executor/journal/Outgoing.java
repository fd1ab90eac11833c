package dev.upkeep.executor.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.upkeep.common.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * A record that waits in the journal until the broker has it; it is published byte for byte as it was journalled.
 *
 * @param seq its place in the order of publication
 */
public record Outgoing(long seq, ProducerRecord<String, byte[]> record) {
    /** Bytes of its value. */
    public int size() {
        return record.value().length;
    }

    static String headers(ProducerRecord<String, byte[]> record) {
        ArrayNode headers = JsonNodeFactory.instance.arrayNode();
        record.headers()
                .forEach(header -> headers.addArray()
                        .add(header.key())
                        .add(Base64.getEncoder().encodeToString(header.value())));
        return new String(Wire.write(headers), StandardCharsets.UTF_8);
    }

    static RecordHeaders headers(String stored) {
        RecordHeaders headers = new RecordHeaders();
        for (JsonNode header : Wire.readTree(stored.getBytes(StandardCharsets.UTF_8))) {
            headers.add(
                    header.get(0).asText(),
                    Base64.getDecoder().decode(header.get(1).asText()));
        }
        return headers;
    }
}
