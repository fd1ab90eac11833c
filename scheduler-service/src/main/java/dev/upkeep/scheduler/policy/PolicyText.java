package dev.upkeep.scheduler.policy;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Reads the text of one policy file, and for what is wrong finds the line and the key. */
final class PolicyText {
    private PolicyText() {}

    static Policy read(String file, byte[] content) throws BadPolicy {
        try {
            return Wire.readYaml(content, Policy.class);
        } catch (Unreadable e) {
            throw new BadPolicy(error(file, content, e), e);
        }
    }

    /** A file that cannot be used; the error says why. */
    static final class BadPolicy extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient PolicyError error;

        BadPolicy(PolicyError error, Throwable cause) {
            super(error.toString(), cause);
            this.error = error;
        }

        PolicyError error() {
            return error;
        }
    }

    private static PolicyError error(String file, byte[] content, Unreadable failure) {
        List<JsonMappingException.Reference> path =
                failure.getCause() instanceof JsonMappingException mapping ? mapping.getPath() : List.of();
        List<String> keys = new ArrayList<>();
        StringBuilder written = new StringBuilder();
        for (JsonMappingException.Reference part : path) {
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
            message = String.valueOf(invalid.get().getMessage());
            int colon = message.indexOf(": ");
            String last = keys.isEmpty() ? "" : keys.get(keys.size() - 1);
            String field = message.substring(0, colon);
            message = message.substring(colon + 2);
            for (String part : field.split("\\.", -1)) {
                if (!part.equals(last)) {
                    keys.add(part);
                    written.append(written.isEmpty() ? "" : ".").append(part);
                }
            }
        }
        return new PolicyError(file, line(content, keys, failure), written.toString(), message);
    }

    private static Optional<InvalidValue> invalid(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InvalidValue invalid) {
                return Optional.of(invalid);
            }
        }
        return Optional.empty();
    }

    private static int line(byte[] content, List<String> keys, Unreadable failure) {
        Optional<Node> node = root(content);
        if (node.isEmpty() || keys.isEmpty()) {
            JsonLocation location =
                    failure.getCause() instanceof JsonProcessingException json ? json.getLocation() : null;
            return location == null ? 1 : Math.max(1, location.getLineNr());
        }
        int line = node.get().getStartMark().getLine() + 1;
        @Nullable Node at = node.get();
        for (String key : keys) {
            at = at == null ? null : child(at, key);
            line = at == null ? line : keyLine(at, line);
        }
        return line;
    }

    private static int keyLine(Node node, int otherwise) {
        return node.getStartMark() == null ? otherwise : node.getStartMark().getLine() + 1;
    }

    private static @Nullable Node child(Node node, String key) {
        if (node instanceof MappingNode mapping) {
            for (NodeTuple entry : mapping.getValue()) {
                if (entry.getKeyNode() instanceof ScalarNode name
                        && name.getValue().equals(key)) {
                    return entry.getValueNode();
                }
            }
        }
        if (node instanceof SequenceNode sequence && key.matches("\\d{1,6}")) {
            int index = Integer.parseInt(key);
            return index < sequence.getValue().size() ? sequence.getValue().get(index) : null;
        }
        return null;
    }

    private static Optional<Node> root(byte[] content) {
        try {
            return Optional.ofNullable(new Yaml(new LoaderOptions())
                    .compose(new InputStreamReader(new ByteArrayInputStream(content), StandardCharsets.UTF_8)));
        } catch (YAMLException e) {
            return Optional.empty();
        }
    }
}
