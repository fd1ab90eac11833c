package dev.upkeep.common.wire;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;

/**
 * Reads and writes every message. Writing is deterministic: the same value gives the same bytes. Reading is strict in form
 * (no duplicate keys, no trailing bytes, bounded depth, texts and numbers, no guessing between texts and numbers) and lenient
 * in content: unknown fields are ignored, so that versions can differ.
 *
 * <p>Thread-safe.
 */
public final class Wire {
    /** The largest record value that Upkeep writes, in bytes. */
    public static final int LARGEST_WRITTEN = 256 * 1024;

    /** The largest record value that Upkeep reads, in bytes. */
    public static final int LARGEST_READ = 1024 * 1024;

    private static final JsonMapper JSON = configured(JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(limits())
                    .build()))
            .build();
    private static final ObjectMapper YAML = configured(JsonMapper.builder(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(limits())
                    .build()))
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
            .build();

    private Wire() {}

    /** Reads a message from a record's value; refuses one over {@link #LARGEST_READ}. */
    public static <T> T read(byte[] value, Class<T> type) throws Unreadable {
        if (value.length > LARGEST_READ) {
            throw new Unreadable(
                    Code.OVERSIZED,
                    "the message has " + value.length + " bytes; at most " + LARGEST_READ + " are read");
        }
        return read(value, JSON, type);
    }

    /** Reads a file that people write: YAML, where a key that is not known is an error. */
    public static <T> T readYaml(byte[] content, Class<T> type) throws Unreadable {
        return read(content, YAML, type);
    }

    private static <T> T read(byte[] content, ObjectMapper mapper, Class<T> type) throws Unreadable {
        T value;
        try {
            value = mapper.readValue(content, type);
        } catch (JsonProcessingException e) {
            throw ReadFailure.of(e);
        } catch (IOException e) {
            throw new Unreadable(Code.MALFORMED, "not UTF-8 text: " + e.getMessage(), e);
        }
        if (value == null) {
            throw new Unreadable(Code.MALFORMED, "the message is null");
        }
        return value;
    }

    /** Writes a message as a record's value. */
    public static byte[] write(Object message) {
        try {
            return JSON.writeValueAsBytes(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write " + message.getClass().getName(), e);
        }
    }

    /** The message as a tree. */
    public static ObjectNode tree(Object message) {
        return JSON.valueToTree(message);
    }

    /** Reads a tree that was part of a message already read. */
    public static <T> T read(JsonNode tree, Class<T> type) throws Unreadable {
        try {
            return JSON.treeToValue(tree, type);
        } catch (JsonProcessingException e) {
            throw ReadFailure.of(e);
        }
    }

    /** Reads any JSON value, for those who keep it as it is. */
    public static JsonNode readTree(byte[] value) {
        try {
            return JSON.readTree(value);
        } catch (IOException e) {
            throw new UncheckedIOException("a value that was written here cannot be read", e);
        }
    }

    /** Gives another mapper, such as the one of a REST API, the same text forms and the same strictness. */
    public static void configure(ObjectMapper mapper) {
        mapper.registerModules(new Jdk8Module(), new JavaTimeModule(), module());
        mapper.disable(
                SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS);
        mapper.setSerializationInclusion(JsonInclude.Include.NON_ABSENT);
        mapper.setVisibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE);
        mapper.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    }

    private static StreamReadConstraints limits() {
        return StreamReadConstraints.builder()
                .maxNestingDepth(50)
                .maxStringLength(64 * 1024)
                .maxNumberLength(40)
                .maxNameLength(1_000)
                .build();
    }

    private static JsonMapper.Builder configured(JsonMapper.Builder builder) {
        return builder.addModules(new Jdk8Module(), new JavaTimeModule(), module())
                .disable(
                        SerializationFeature.WRITE_DATES_AS_TIMESTAMPS,
                        SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(DeserializationFeature.READ_DATE_TIMESTAMPS_AS_NANOSECONDS)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                .serializationInclusion(JsonInclude.Include.NON_ABSENT)
                .visibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE)
                .withCoercionConfig(
                        LogicalType.Textual,
                        coercion -> coercion.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail));
    }

    private static Module module() {
        SimpleModule module = new SimpleModule("upkeep");
        for (Class<? extends Task> kind : Task.kinds()) {
            module.registerSubtypes(new NamedType(kind, Task.nameOf(kind)));
        }
        module.addSerializer(Enum.class, new EnumText.Serializer());
        module.setDeserializerModifier(new EnumText.Modifier());
        module.addSerializer(Step.class, new StepJson.Serializer());
        module.addDeserializer(Step.class, new StepJson.Deserializer());
        module.addDeserializer(Request.class, new RequestJson());
        module.addSerializer(Duration.class, new DurationJson.Serializer());
        module.addDeserializer(Duration.class, new DurationJson.Deserializer());
        module.addDeserializer(Instant.class, new InstantJson());
        return module;
    }
}
