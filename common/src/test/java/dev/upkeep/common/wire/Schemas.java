package dev.upkeep.common.wire;

import com.fasterxml.classmate.ResolvedType;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.victools.jsonschema.generator.CustomDefinition;
import com.github.victools.jsonschema.generator.FieldScope;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaGenerationContext;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import dev.upkeep.common.command.OnFailure;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.task.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Generates the JSON Schemas of all messages from their records. */
final class Schemas {
    private static final String DURATION_FORM = "^(P.*|[0-9]{1,12}(ms|s|m|h|d|w))$";

    private static final Set<String> NEVER_EMPTY = Set.of("tasks", "steps", "rules", "values");

    private Schemas() {}

    /** File name to schema. */
    static Map<String, JsonNode> all() {
        Map<String, JsonNode> schemas = new TreeMap<>();
        SchemaGenerator generator = generator();
        for (Message<?> kind : Message.kinds()) {
            ObjectNode schema = kind.type() == Request.class ? oneOf(generator) : generator.generateSchema(kind.type());
            schema.put("title", kind.eventType());
            schemas.put(kind.name() + ".schema.json", schema);
        }
        schemas.put("asyncapi.json", asyncApi());
        return schemas;
    }

    private static ObjectNode asyncApi() {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("asyncapi", "3.0.0");
        document.putObject("info").put("title", "Upkeep").put("version", "v1");
        document.put("defaultContentType", "application/json");
        ObjectNode channels = document.putObject("channels");
        ObjectNode messages = document.putObject("components").putObject("messages");
        for (Message<?> kind : Message.kinds()) {
            ObjectNode message = messages.putObject(kind.name());
            message.put("name", kind.eventType());
            message.putObject("headers")
                    .put("type", "object")
                    .putObject("properties")
                    .putObject("ce_type")
                    .put("const", kind.eventType());
            message.putObject("payload").put("$ref", kind.name() + ".schema.json");
            ObjectNode channel = channels.withObject("/" + EnumText.of(kind.topic()));
            channel.put("address", Topics.DEFAULT.name(kind.topic()));
            channel.withObject("/messages").putObject(kind.name()).put("$ref", "#/components/messages/" + kind.name());
        }
        return document;
    }

    private static ObjectNode oneOf(SchemaGenerator generator) {
        var builder = generator.buildMultipleSchemaDefinitions();
        List<JsonNode> kinds = Arrays.stream(Request.class.getPermittedSubclasses())
                .<JsonNode>map(builder::createSchemaReference)
                .toList();
        ObjectNode schema = builder.collectDefinitions("$defs");
        ObjectNode whole = schema.objectNode();
        whole.put("$schema", SchemaVersion.DRAFT_2020_12.getIdentifier());
        whole.set("$defs", schema);
        whole.putArray("oneOf").addAll(kinds);
        return whole;
    }

    private static SchemaGenerator generator() {
        SchemaGeneratorConfigBuilder builder =
                new SchemaGeneratorConfigBuilder(SchemaVersion.DRAFT_2020_12, OptionPreset.PLAIN_JSON);
        builder.with(
                Option.MAP_VALUES_AS_ADDITIONAL_PROPERTIES,
                Option.DEFINITIONS_FOR_ALL_OBJECTS,
                Option.PLAIN_DEFINITION_KEYS);
        builder.forTypesInGeneral().withCustomDefinitionProvider(Schemas::definition);
        builder.forFields().withTargetTypeOverridesResolver(Schemas::unwrapped).withRequiredCheck(Schemas::isRequired);
        return new SchemaGenerator(builder.build());
    }

    private static @Nullable List<ResolvedType> unwrapped(FieldScope field) {
        return field.getType() != null && field.getType().getErasedType() == Optional.class
                ? field.getType().getTypeParameters()
                : null;
    }

    private static boolean isRequired(FieldScope field) {
        Class<?> type = field.getDeclaredType().getErasedType();
        boolean mayBeAbsent = type == Optional.class
                || type == boolean.class
                || Collection.class.isAssignableFrom(type)
                || Map.class.isAssignableFrom(type);
        return NEVER_EMPTY.contains(field.getName()) || !mayBeAbsent;
    }

    private static @Nullable CustomDefinition definition(ResolvedType resolved, SchemaGenerationContext context) {
        Class<?> type = resolved.getErasedType();
        ObjectNode node = context.getGeneratorConfig().createObjectNode();
        if (type == Instant.class) {
            return inline(node.put("type", "string").put("format", "date-time"));
        }
        if (type == Duration.class) {
            return inline(node.put("type", "string").put("pattern", DURATION_FORM));
        }
        if (JsonNode.class.isAssignableFrom(type)) {
            return inline(node);
        }
        if (type.isEnum()) {
            ArrayNode values = node.put("type", "string").putArray("enum");
            Arrays.stream(type.getEnumConstants()).forEach(value -> values.add(EnumText.of((Enum<?>) value)));
            return inline(node);
        }
        if (type == Task.class || type == Step.class) {
            ArrayNode kinds = node.putArray("oneOf");
            for (Class<? extends Task> kind : Task.kinds()) {
                kinds.add(task(kind, type == Step.class, context));
            }
            return new CustomDefinition(node);
        }
        return Arrays.stream(type.getDeclaredMethods()).anyMatch(method -> method.isAnnotationPresent(JsonValue.class))
                ? inline(scalar(type, node))
                : null;
    }

    private static ObjectNode scalar(Class<?> type, ObjectNode node) {
        boolean isNumber = Arrays.stream(type.getRecordComponents())
                .anyMatch(part -> part.getType() == int.class || part.getType() == long.class);
        return node.put("type", isNumber ? "integer" : "string");
    }

    private static ObjectNode task(Class<? extends Task> kind, boolean withOnFailure, SchemaGenerationContext context) {
        ObjectNode node = context.createDefinition(context.getTypeContext().resolve(kind));
        ObjectNode properties = node.withObject("/properties");
        ObjectNode named = node.objectNode();
        named.putObject("type").put("const", Task.nameOf(kind));
        named.setAll(properties);
        if (withOnFailure) {
            ArrayNode values =
                    named.putObject("onFailure").put("type", "string").putArray("enum");
            Arrays.stream(OnFailure.values()).forEach(value -> values.add(EnumText.of(value)));
        }
        node.set("properties", named);
        node.withArray("required").insert(0, "type");
        return node;
    }

    private static CustomDefinition inline(ObjectNode node) {
        return new CustomDefinition(
                node, CustomDefinition.DefinitionType.INLINE, CustomDefinition.AttributeInclusion.YES);
    }
}
