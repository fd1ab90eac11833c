package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.task.Backup.Method;
import java.util.List;

/** Which backups may go because enough newer ones of their kind are verified. The newest verified one never goes. */
record Keep(int newest) {
    /**
     * Those that go.
     *
     * @param all newest first
     * @param method only its kind is looked at
     * @param upcoming so many verified ones will have been added before any goes
     */
    List<Manifest> expired(List<Manifest> all, Method method, int upcoming) {
        List<Manifest> verified = all.stream()
                .filter(manifest -> Manifest.kindOf(method).equals(manifest.kind()) && manifest.isVerified())
                .toList();
        int kept = Math.max(1, newest) - upcoming;
        return verified.size() <= kept ? List.of() : verified.subList(kept, verified.size());
    }
}
