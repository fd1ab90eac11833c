package dev.upkeep.common.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The text form of enums, everywhere: lower-case kebab, {@code NOTHING_TO_DO} as {@code nothing-to-do}. */
public final class EnumText {
    // asked for every enum of every message
    private static final ClassValue<Map<Enum<?>, String>> FORMS = new ClassValue<>() {
        @Override
        protected Map<Enum<?>, String> computeValue(Class<?> type) {
            return Arrays.stream(type.getEnumConstants())
                    .map(constant -> (Enum<?>) constant)
                    .collect(Collectors.toMap(
                            constant -> constant,
                            constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-')));
        }
    };

    private EnumText() {}

    /** The wire form. */
    public static String of(Enum<?> value) {
        return String.valueOf(FORMS.get(value.getDeclaringClass()).get(value));
    }

    @SuppressWarnings("rawtypes") // Jackson's serializers are looked up by raw class
    static final class Serializer extends StdSerializer<Enum> {
        private static final long serialVersionUID = 1L;

        Serializer() {
            super(Enum.class);
        }

        @Override
        public void serialize(Enum value, JsonGenerator json, SerializerProvider provider) throws IOException {
            json.writeString(of(value));
        }
    }

    static final class Modifier extends BeanDeserializerModifier {
        private static final long serialVersionUID = 1L;

        @Override
        public JsonDeserializer<?> modifyEnumDeserializer(
                DeserializationConfig config, JavaType type, BeanDescription bean, JsonDeserializer<?> deserializer) {
            return type.getRawClass().getName().startsWith("dev.upkeep.") ? new Deserializer(type) : deserializer;
        }
    }

    private static final class Deserializer extends JsonDeserializer<Enum<?>> {
        private final JavaType type;

        Deserializer(JavaType type) {
            this.type = type;
        }

        @Override
        public Enum<?> deserialize(JsonParser json, DeserializationContext context) throws IOException {
            Enum<?>[] constants = (Enum<?>[]) type.getRawClass().getEnumConstants();
            if (json.currentToken() == JsonToken.VALUE_STRING) {
                String text = json.getText();
                for (Enum<?> constant : constants) {
                    if (of(constant).equals(text)) {
                        return constant;
                    }
                }
            }
            String known = Arrays.stream(constants).map(EnumText::of).collect(Collectors.joining(", "));
            return (Enum<?>)
                    context.handleWeirdStringValue(type.getRawClass(), json.getText(), "must be one of: %s", known);
        }
    }
}
