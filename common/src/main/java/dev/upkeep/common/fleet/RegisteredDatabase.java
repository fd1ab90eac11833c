package dev.upkeep.common.fleet;

import dev.upkeep.common.Check;
import dev.upkeep.common.id.DatabaseId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One database as its executor states it.
 *
 * @param version the engine's version, absent while the database was never reached
 * @param problem why it could not be reached at the last look
 * @param tasks wire names of the tasks that the executor accepts for it
 * @param refusals tasks it does not, with the reason
 * @param systemIdentifier PostgreSQL's number of the server's data, the same on a server, its standbys and its clones
 */
public record RegisteredDatabase(
        DatabaseId id,
        Engine engine,
        Optional<String> version,
        Map<String, String> labels,
        Optional<String> problem,
        List<String> tasks,
        List<Refusal> refusals,
        Optional<String> systemIdentifier) {
    /** Of a database whose server has no such number, or did not say it yet. */
    public RegisteredDatabase(
            DatabaseId id,
            Engine engine,
            Optional<String> version,
            Map<String, String> labels,
            Optional<String> problem,
            List<String> tasks,
            List<Refusal> refusals) {
        this(id, engine, version, labels, problem, tasks, refusals, Optional.empty());
    }

    public RegisteredDatabase {
        Check.present("id", id);
        Check.present("engine", engine);
        labels = Labels.checked("labels", labels);
        tasks = Check.list("tasks", tasks);
        refusals = Check.list("refusals", refusals);
    }
}
