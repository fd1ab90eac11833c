package dev.upkeep.scheduler.run;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.run.Target;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * At which position each database of a run stands. Positions never change, so all states of a run share this; it is worked out when
 * it is first asked for. Says nothing that the run's databases do not say: any two are equal. Thread-safe.
 */
final class Places {
    private volatile @Nullable Map<DatabaseId, Integer> positions;

    OptionalInt of(DatabaseId database, Run run) {
        Map<DatabaseId, Integer> known = positions;
        if (known == null) {
            known = workedOut(run);
            positions = known;
        }
        Integer position = known.get(database);
        return position == null ? OptionalInt.empty() : OptionalInt.of(position);
    }

    private static Map<DatabaseId, Integer> workedOut(Run run) {
        List<List<Target>> parts = run.parts();
        Map<DatabaseId, Integer> positions = new HashMap<>(run.tally().databases() * 4 / 3 + 1);
        int position = 0;
        for (List<Target> part : parts) {
            for (Target target : part) {
                positions.put(target.database(), position++);
            }
        }
        return positions;
    }

    /** Saves the memory; it is worked out again if it is asked for. */
    void forget() {
        positions = null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Places;
    }

    @Override
    public int hashCode() {
        return 0;
    }
}
