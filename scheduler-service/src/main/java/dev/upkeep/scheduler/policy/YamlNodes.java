package dev.upkeep.scheduler.policy;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.request.Selector;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** The tree of a YAML file with its lines; says where a key is, and which keys are not known. */
final class YamlNodes {
    private static final Map<String, Class<?>> OBJECTS = Map.of(
            "select", Selector.class,
            "schedule", Schedule.class,
            "after", After.class,
            "onFinding", OnFinding.class,
            "window", Window.class,
            "rollout", Rollout.class,
            "stopAfter", Rollout.StopAfter.class,
            "retry", Retry.class);

    private final @Nullable Node root;
    private final Optional<MarkedYAMLException> mistake;

    private YamlNodes(@Nullable Node root, Optional<MarkedYAMLException> mistake) {
        this.root = root;
        this.mistake = mistake;
    }

    /** The tree; an empty one if the text is not YAML. */
    static YamlNodes of(byte[] content) {
        try {
            Node root = new Yaml(new LoaderOptions())
                    .compose(new InputStreamReader(new ByteArrayInputStream(content), StandardCharsets.UTF_8));
            return new YamlNodes(root, Optional.empty());
        } catch (MarkedYAMLException e) {
            return new YamlNodes(null, Optional.of(e));
        } catch (YAMLException e) {
            return new YamlNodes(null, Optional.empty());
        }
    }

    boolean isEmpty() {
        return root == null;
    }

    /** What makes the text no YAML. */
    Optional<PolicyError> mistake(String file) {
        return mistake.map(e -> {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            return new PolicyError(file, line, "", "not YAML: " + InvalidValue.shown(String.valueOf(e.getProblem())));
        });
    }

    /** Whether an object stands at this path. */
    boolean isObject(List<String> path) {
        return at(path) instanceof MappingNode;
    }

    /** The line of the deepest key of this path that is there. */
    int line(List<String> path) {
        int line = 1;
        for (int depth = 0; depth <= path.size(); depth++) {
            Node node = at(path.subList(0, depth));
            if (node == null) {
                break;
            }
            line = node.getStartMark().getLine() + 1;
        }
        return line;
    }

    private @Nullable Node at(List<String> path) {
        Node node = root;
        for (String key : path) {
            node = node == null ? null : child(node, key);
        }
        return node;
    }

    private static @Nullable Node child(Node node, String key) {
        if (node instanceof MappingNode mapping) {
            return mapping.getValue().stream()
                    .filter(entry -> name(entry).equals(Optional.of(key)))
                    .findFirst()
                    .map(NodeTuple::getValueNode)
                    .orElse(null);
        }
        if (node instanceof SequenceNode sequence && key.matches("\\d{1,6}")) {
            int index = Integer.parseInt(key);
            return index < sequence.getValue().size() ? sequence.getValue().get(index) : null;
        }
        return null;
    }

    private static Optional<String> name(NodeTuple entry) {
        return entry.getKeyNode() instanceof ScalarNode name ? Optional.of(name.getValue()) : Optional.empty();
    }

    /** The keys of a policy that no policy has. */
    List<PolicyError> unknownKeys(String file) {
        List<PolicyError> errors = new ArrayList<>();
        collect(file, "", root, Policy.class, errors);
        return errors;
    }

    private static void collect(
            String file, String path, @Nullable Node node, Class<?> type, List<PolicyError> errors) {
        if (!(node instanceof MappingNode mapping)) {
            return;
        }
        List<String> known = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .toList();
        for (NodeTuple entry : mapping.getValue()) {
            String key = name(entry).orElse("?");
            String full = path.isEmpty() ? key : path + "." + key;
            if (!known.contains(key)) {
                int line = entry.getKeyNode().getStartMark().getLine() + 1;
                errors.add(new PolicyError(file, line, full, "unknown key; known are: " + String.join(", ", known)));
            } else if (OBJECTS.containsKey(key)) {
                collect(file, full, entry.getValueNode(), OBJECTS.get(key), errors);
            }
        }
    }
}
