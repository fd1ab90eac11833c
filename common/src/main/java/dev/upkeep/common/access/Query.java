package dev.upkeep.common.access;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.wire.EnumText;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rules for the query of a call: what would be passed over or misread is refused, and the message names the parameter. */
public final class Query {
    private static final Pattern NUMBER = Pattern.compile("[+-]?\\d{1,9}");

    private Query() {}

    /**
     * Refuses parameters that the called endpoint does not have, those given twice, and values that are not of their type.
     *
     * @param known the type of each parameter of the endpoint; {@code int} and {@code boolean} are checked
     * @param given the values of each parameter of the call
     */
    public static void check(Map<String, Class<?>> known, Map<String, List<String>> given) {
        given.forEach((name, values) -> {
            Class<?> type = known.get(name);
            if (type == null) {
                throw new InvalidValue(
                        InvalidValue.shown(name),
                        String.join(",", values),
                        known.isEmpty()
                                ? "unknown parameter; there are none"
                                : "unknown parameter; known are: " + String.join(", ", new TreeSet<>(known.keySet())));
            }
            if (values.size() > 1) {
                throw new InvalidValue(name, String.join(",", values), "must be given once");
            }
            String value = values.isEmpty() ? "" : values.get(0);
            if (type == int.class && !NUMBER.matcher(value).matches()) {
                throw new InvalidValue(name, value, "must be a whole number of at most nine digits");
            }
            if (type == boolean.class && !value.equals("true") && !value.equals("false")) {
                throw new InvalidValue(name, value, "must be true or false");
            }
        });
    }

    /**
     * The type of each parameter that an endpoint declares, by name: of its arguments, and of the fields of the classes in which
     * arguments are gathered.
     *
     * @param declared the annotation of a parameter
     * @param name what the annotation calls it
     */
    public static <A extends Annotation> Map<String, Class<?>> declared(
            Method endpoint, Class<A> declared, Function<A, String> name) {
        Map<String, Class<?>> found = new HashMap<>();
        for (Parameter argument : endpoint.getParameters()) {
            put(found, argument, argument.getType(), declared, name);
            for (Field field : argument.getType().getDeclaredFields()) {
                put(found, field, field.getType(), declared, name);
            }
        }
        return found;
    }

    private static <A extends Annotation> void put(
            Map<String, Class<?>> found,
            AnnotatedElement element,
            Class<?> type,
            Class<A> declared,
            Function<A, String> name) {
        A annotation = element.getAnnotation(declared);
        if (annotation != null) {
            found.put(name.apply(annotation), type);
        }
    }

    /** The constant whose text form is asked for; empty if none is. */
    public static <E extends Enum<E>> Optional<E> oneOf(String name, @Nullable String value, Class<E> type) {
        if (value == null || value.isEmpty()) {
            return Optional.empty();
        }
        E[] constants = type.getEnumConstants();
        return Optional.of(Arrays.stream(constants)
                .filter(constant -> EnumText.of(constant).equals(value))
                .findFirst()
                .orElseThrow(() -> new InvalidValue(
                        name,
                        value,
                        "must be one of: "
                                + Arrays.stream(constants).map(EnumText::of).collect(Collectors.joining(", ")))));
    }
}
