package dev.upkeep.scheduler.leader;

import java.util.Optional;

/** Where a replica stands, for health, metrics and people. Thread-safe. */
public final class Standing {
    /** The roles there are. */
    public enum Role {
        /** Not connected, or not yet. */
        STARTING,
        /** Ready to take over. */
        STANDBY,
        /** The one that acts. */
        LEADER
    }

    private volatile Role role = Role.STARTING;
    private volatile Optional<String> problem = Optional.of("starting");

    /** The role. */
    public Role role() {
        return role;
    }

    /** Why this replica can do nothing; empty if all is well. */
    public Optional<String> problem() {
        return problem;
    }

    void become(Role now) {
        role = now;
        problem = Optional.empty();
    }

    void fail(String why) {
        role = Role.STARTING;
        problem = Optional.of(why);
    }
}
