package dev.upkeep.common.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Task;
import java.util.stream.Collectors;

/** Turns what Jackson says about a bad message into what a person can act on, without class names or stack traces. */
final class ReadFailure {
    private ReadFailure() {}

    static Unreadable of(JsonProcessingException failure) {
        if (failure instanceof StreamConstraintsException) {
            return new Unreadable(Code.MALFORMED, "JSON beyond the limits: " + failure.getOriginalMessage(), failure);
        }
        if (failure instanceof JsonMappingException mapping) {
            return ofMapping(mapping);
        }
        return new Unreadable(
                Code.MALFORMED,
                "not JSON" + place(failure) + ": " + InvalidValue.shown(failure.getOriginalMessage()),
                failure);
    }

    private static Unreadable ofMapping(JsonMappingException failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && !(cause instanceof InvalidValue)) {
            cause = cause.getCause();
        }
        String where = path(failure);
        if (cause instanceof InvalidValue invalid) {
            return new Unreadable(Code.INVALID, where + invalid.getMessage(), failure);
        }
        if (cause instanceof StreamReadException) {
            return new Unreadable(
                    Code.MALFORMED,
                    "not JSON" + place(failure) + ": " + InvalidValue.shown(failure.getOriginalMessage()),
                    failure);
        }
        if (failure.getOriginalMessage().startsWith("Trailing token")) {
            return new Unreadable(
                    Code.MALFORMED, "not JSON" + place(failure) + ": more follows after the end", failure);
        }
        if (failure instanceof InvalidTypeIdException type && type.getBaseType().getRawClass() == Task.class) {
            String known = String.join(", ", Task.names());
            String given = type.getTypeId();
            return given == null
                    ? new Unreadable(Code.INVALID, where + "a task needs a type; known are: " + known, failure)
                    : new Unreadable(
                            Code.UNKNOWN_TASK,
                            where + "unknown task " + InvalidValue.shown(given) + "; known are: " + known,
                            failure);
        }
        if (failure instanceof InvalidTypeIdException type) {
            String message = type.getOriginalMessage();
            int known = message.indexOf("known type ids = [");
            return new Unreadable(
                    Code.INVALID,
                    where + "unknown kind " + InvalidValue.shown(String.valueOf(type.getTypeId()))
                            + (known < 0
                                    ? ""
                                    : "; " + message.substring(known).replace("known type ids = ", "known are: ")),
                    failure);
        }
        if (failure instanceof UnrecognizedPropertyException unknown) {
            String known = unknown.getKnownPropertyIds().stream()
                    .map(String::valueOf)
                    .sorted()
                    .collect(Collectors.joining(", "));
            return new Unreadable(Code.INVALID, where + "unknown key; known are: " + known, failure);
        }
        if (failure instanceof InvalidFormatException format) {
            return new Unreadable(
                    Code.INVALID,
                    where + InvalidValue.shown(String.valueOf(format.getValue())) + " " + expectation(format),
                    failure);
        }
        if (failure instanceof MismatchedInputException mismatch) {
            return new Unreadable(Code.INVALID, where + expectation(mismatch), failure);
        }
        return new Unreadable(Code.INVALID, where + InvalidValue.shown(failure.getOriginalMessage()), failure);
    }

    private static String expectation(MismatchedInputException failure) {
        String message = failure.getOriginalMessage();
        int rule = message.indexOf("must be one of:");
        if (rule >= 0) {
            return "(" + message.substring(rule) + ")";
        }
        if (!message.startsWith("Cannot ") && !message.contains("dev.upkeep.") && !message.contains("java.")) {
            return InvalidValue.shown(message);
        }
        Class<?> target = failure.getTargetType();
        return "is not " + (target == null ? "what belongs here" : described(target));
    }

    private static String described(Class<?> type) {
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "a whole number";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == java.time.Instant.class) {
            return "a time in RFC 3339 form, such as 2026-11-21T02:00:00Z";
        }
        if (type == java.time.Duration.class) {
            return "a duration, such as P90D or 90d";
        }
        if (java.util.Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        if (type == String.class) {
            return "a text";
        }
        if (type.getRecordComponents() != null
                && type.getRecordComponents().length == 1
                && type.getRecordComponents()[0].getType() == String.class) {
            return "a text";
        }
        return "an object";
    }

    private static String path(JsonMappingException failure) {
        String path = failure.getPath().stream()
                .map(part -> part.getFieldName() == null ? "[" + part.getIndex() + "]" : "." + part.getFieldName())
                .collect(Collectors.joining());
        if (path.isEmpty()) {
            return "";
        }
        return InvalidValue.shown(path.startsWith(".") ? path.substring(1) : path) + ": ";
    }

    private static String place(JsonProcessingException failure) {
        return failure.getLocation() == null
                ? ""
                : " at line " + failure.getLocation().getLineNr() + ", column "
                        + failure.getLocation().getColumnNr();
    }
}
