package dev.upkeep.scheduler.policy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policies in force. Looks at the folder when told to; a folder with any mistake changes nothing, so that the last good set
 * stays in force, and the mistakes can be asked for.
 *
 * <p>{@link #reload()} is for one thread; all else is thread-safe.
 */
public final class Policies {
    private static final Logger LOG = LoggerFactory.getLogger(Policies.class);

    private final Path folder;
    private Map<String, byte[]> seen = Map.of();
    private boolean wasRead;
    private volatile PolicySet inForce = PolicySet.EMPTY;
    private volatile List<PolicyError> errors = List.of();

    /** Of this folder; empty until the first {@link #reload()}. */
    public Policies(Path folder) {
        this.folder = folder;
    }

    /** The last good set. */
    public PolicySet inForce() {
        return inForce;
    }

    /** What is wrong with the files as they are now; empty if all is well. */
    public List<PolicyError> errors() {
        return errors;
    }

    /** Reads the folder if a file came, went or changed. */
    public void reload() {
        Map<String, byte[]> contents;
        try {
            contents = PolicyFolder.contents(folder);
        } catch (IOException e) {
            report(List.of(new PolicyError(
                    folder.toString(), 1, "", "cannot be read: " + e + "; upkeep.policies.directory names it")));
            return;
        }
        if (wasRead && same(contents, seen)) {
            return;
        }
        PolicyFolder.Reading reading = PolicyFolder.read(contents);
        seen = new TreeMap<>(contents);
        wasRead = true;
        report(reading.errors());
        if (reading.errors().isEmpty()) {
            inForce = reading.policies();
            LOG.info("policies in force: {}", inForce.all().size());
        }
    }

    private void report(List<PolicyError> found) {
        if (!found.equals(errors)) {
            found.forEach(error -> LOG.error("policy refused, the last good set stays in force: {}", error));
        }
        errors = found;
    }

    private static boolean same(Map<String, byte[]> a, Map<String, byte[]> b) {
        return a.keySet().equals(b.keySet())
                && a.entrySet().stream().allMatch(entry -> Arrays.equals(entry.getValue(), b.get(entry.getKey())));
    }
}
