package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.operation.Holds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Removes backups one by one, and looks before each whether it still may go: a hold on the database or on the backup may have
 * come since the plan was made, and another verified one of its kind, which stays, must be there at this moment.
 */
record Removal(Catalogue catalogue, Holds holds, Database database, BackupFolder folder, BackupFolder.Hold held) {
    /**
     * What became of the plan.
     *
     * @param kept why some stayed after all, by name
     * @param hold the hold on the database that ended it
     */
    record Outcome(List<Manifest> removed, Map<String, String> kept, Optional<String> hold) {
        long freed() {
            return removed.stream().mapToLong(gone -> gone.file().bytes()).sum();
        }
    }

    /**
     * Does it.
     *
     * @param all that are listed, newest first
     * @param goOn throws if there is a reason to stop
     */
    Outcome remove(List<Manifest> going, List<Manifest> all, Runnable goOn) throws IOException {
        Set<String> leaving = new HashSet<>();
        going.forEach(backup -> leaving.add(backup.name()));
        List<Manifest> staying =
                all.stream().filter(backup -> !leaving.contains(backup.name())).toList();
        List<Manifest> removed = new ArrayList<>();
        Map<String, String> kept = new LinkedHashMap<>();
        Optional<String> hold = Optional.empty();
        for (Manifest backup : going) {
            goOn.run();
            hold = hold.or(() -> holds.on(database));
            Optional<String> reason = hold.map(why -> "hold on the database: " + why);
            if (reason.isEmpty()) {
                reason = reason(backup, staying);
            }
            if (reason.isPresent()) {
                kept.put(backup.name(), reason.get());
            } else {
                folder.remove(backup.name(), held);
                removed.add(backup);
            }
        }
        return new Outcome(removed, kept, hold);
    }

    private Optional<String> reason(Manifest backup, List<Manifest> staying) throws IOException {
        if (folder.heldBackups().contains(backup.name())) {
            return Optional.of("hold: a person has put a hold on it");
        }
        for (Manifest other : staying) {
            if (other.kind().equals(backup.kind())
                    && other.isVerified()
                    && catalogue
                            .find(backup.database(), other.name())
                            .filter(Manifest::isVerified)
                            .isPresent()) {
                return Optional.empty();
            }
        }
        return Optional.of("no other verified " + backup.kind() + " backup is there any more");
    }
}
