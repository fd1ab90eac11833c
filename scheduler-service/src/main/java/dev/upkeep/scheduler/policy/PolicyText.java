package dev.upkeep.scheduler.policy;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the text of one policy file, and for what is wrong finds the line and the key. */
final class PolicyText {
    private PolicyText() {}

    /** A policy, or what is wrong. */
    record Reading(Optional<Policy> policy, List<PolicyError> errors) {}

    static Reading read(String file, byte[] content) {
        YamlNodes nodes = YamlNodes.of(content);
        Optional<PolicyError> mistake = nodes.mistake(file);
        if (mistake.isPresent()) {
            return new Reading(Optional.empty(), List.of(mistake.get()));
        }
        List<PolicyError> unknown = nodes.unknownKeys(file);
        if (!unknown.isEmpty()) {
            return new Reading(Optional.empty(), unknown);
        }
        try {
            return new Reading(Optional.of(Wire.readYaml(content, Policy.class)), List.of());
        } catch (Unreadable e) {
            return new Reading(Optional.empty(), List.of(error(file, nodes, e)));
        }
    }

    private static PolicyError error(String file, YamlNodes nodes, Unreadable failure) {
        List<String> keys = new ArrayList<>();
        StringBuilder written = new StringBuilder();
        for (JsonMappingException.Reference part : path(failure)) {
            if (part.getFieldName() == null) {
                keys.add(Integer.toString(part.getIndex()));
                written.append('[').append(part.getIndex()).append(']');
            } else {
                keys.add(part.getFieldName());
                written.append(written.isEmpty() ? "" : ".").append(part.getFieldName());
            }
        }
        String message = failure.reason().message();
        String shownPath = InvalidValue.shown(written.toString()) + ": ";
        if (!written.isEmpty() && message.startsWith(shownPath)) {
            message = message.substring(shownPath.length());
        }
        Optional<InvalidValue> invalid = invalid(failure);
        if (invalid.isPresent()) {
            String said = String.valueOf(invalid.get().getMessage());
            int colon = said.indexOf(": ");
            message = said.substring(colon + 2);
            if (nodes.isObject(keys)) {
                String last = keys.isEmpty() ? "" : keys.get(keys.size() - 1);
                for (String part : said.substring(0, colon).split("\\.", -1)) {
                    if (!part.equals(last)) {
                        keys.add(part);
                        written.append(written.isEmpty() ? "" : ".").append(part);
                    }
                }
            }
        }
        return new PolicyError(file, line(nodes, keys, failure), written.toString(), message);
    }

    private static List<JsonMappingException.Reference> path(Unreadable failure) {
        return failure.getCause() instanceof JsonMappingException mapping ? mapping.getPath() : List.of();
    }

    private static Optional<InvalidValue> invalid(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InvalidValue invalid) {
                return Optional.of(invalid);
            }
        }
        return Optional.empty();
    }

    private static int line(YamlNodes nodes, List<String> keys, Unreadable failure) {
        if (!nodes.isEmpty() && !keys.isEmpty()) {
            return nodes.line(keys);
        }
        JsonLocation location = failure.getCause() instanceof JsonProcessingException json ? json.getLocation() : null;
        return location == null ? 1 : Math.max(1, location.getLineNr());
    }
}
