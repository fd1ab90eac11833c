package dev.upkeep.executor.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.common.Check;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Origin;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Who a command is, as far as it can be read from one that cannot be read as a whole: enough to answer it with a result. */
public record Identity(CommandId id, RunId run, Origin origin, DatabaseId database, Instant asOf, boolean dryRun) {

    public Identity {
        Check.present("id", id);
        Check.present("run", run);
        Check.present("origin", origin);
        Check.present("database", database);
        Check.present("asOf", asOf);
    }

    public static Identity of(Command command) {
        return new Identity(
                command.id(), command.run(), command.origin(), command.database(), command.asOf(), command.dryRun());
    }

    /** Empty if not even so much can be read. */
    public static Optional<Identity> of(byte[] value) {
        try {
            JsonNode tree = Wire.readTree(value);
            return Optional.of(new Identity(
                    Wire.read(tree.path("id"), CommandId.class),
                    Wire.read(tree.path("run"), RunId.class),
                    Wire.read(tree.path("origin"), Origin.class),
                    Wire.read(tree.path("database"), DatabaseId.class),
                    Wire.read(tree.path("asOf"), Instant.class),
                    tree.path("dryRun").asBoolean(false)));
        } catch (Unreadable | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** The result of a command that is not carried out. */
    public Result refused(ExecutorId executor, Outcome outcome, Reason reason, Instant now) {
        return new Result(
                id,
                run,
                origin,
                database,
                executor,
                asOf,
                dryRun,
                outcome,
                List.of(reason),
                0,
                now,
                Optional.empty(),
                now,
                List.of());
    }
}
