package dev.upkeep.scheduler.run;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Reason;
import java.util.Optional;

/** What other runs have to do with a database before a run may touch it. */
public interface Turns {
    /** Nothing has to come first. */
    Turns FREE = new Turns() {
        @Override
        public boolean isWaiting(DatabaseId database) {
            return false;
        }

        @Override
        public Optional<Reason> barred(DatabaseId database) {
            return Optional.empty();
        }
    };

    /** Whether another run must end there first. */
    boolean isWaiting(DatabaseId database);

    /** Why the run will never touch it: what had to come first did not end well. */
    Optional<Reason> barred(DatabaseId database);
}
