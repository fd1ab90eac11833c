package dev.upkeep.executor.operation;

import dev.upkeep.common.fleet.Refusal;
import dev.upkeep.common.fleet.Tool;
import dev.upkeep.executor.database.Database;
import java.util.List;
import java.util.Optional;

/**
 * What an operation family needs beside the database, for the executor's registration: a missing or too old program is said
 * there, not at two in the morning. One bean for each family that needs programs. Thread-safe; looks at each call.
 */
public interface Tools {
    /** The programs that were found, and those that were looked for in vain, with the problem. */
    List<Tool> tools();

    /**
     * The tasks that cannot be done on this database for want of a program.
     *
     * @param version the server's version as it states it, such as {@code 15.12}; empty while it was never reached
     */
    List<Refusal> refusals(Database database, Optional<String> version);
}
