package dev.upkeep.reporter.history;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Documents in columns: messages in their wire form. */
public final class Json {
    private Json() {}

    /** The wire form of a message or a part of one. */
    public static String text(Object value) {
        return new String(Wire.write(value), StandardCharsets.UTF_8);
    }

    /** What a column holds, as a tree. */
    public static JsonNode tree(String text) {
        return Wire.readTree(text.getBytes(StandardCharsets.UTF_8));
    }

    /** What a column holds, as labels. */
    public static Map<String, String> labels(String text) {
        Map<String, String> labels = new TreeMap<>();
        tree(text)
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        return labels;
    }

    /** What a column holds, as the message that was stored there. */
    public static <T> T read(String text, Class<T> type) {
        try {
            return Wire.read(text.getBytes(StandardCharsets.UTF_8), type);
        } catch (Unreadable e) {
            throw new IllegalStateException("the history holds an unreadable " + type.getSimpleName(), e);
        }
    }
}
