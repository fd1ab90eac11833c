package dev.upkeep.scheduler.policy;

import dev.upkeep.common.id.PolicyName;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The policies that are in force together. Immutable. */
public final class PolicySet {
    /** No policies. */
    public static final PolicySet EMPTY = new PolicySet(Map.of());

    private final TreeMap<PolicyName, Policy> byName;

    /** Of policies by name. */
    public PolicySet(Map<PolicyName, Policy> byName) {
        this.byName = new TreeMap<>(byName);
    }

    /** All, in the order of their names. */
    public Collection<Policy> all() {
        return java.util.Collections.unmodifiableCollection(byName.values());
    }

    /** Those that come after this one in a chain. */
    public List<Policy> after(String name) {
        return byName.values().stream()
                .filter(policy -> policy.schedule()
                        .after()
                        .filter(link -> link.policy().text().equals(name))
                        .isPresent())
                .toList();
    }

    /** Those that answer findings. */
    public List<Policy> answering() {
        return byName.values().stream()
                .filter(policy -> policy.schedule().onFinding().isPresent())
                .toList();
    }

    /** The one with this name. */
    public Optional<Policy> find(PolicyName name) {
        return Optional.ofNullable(byName.get(name));
    }
}
