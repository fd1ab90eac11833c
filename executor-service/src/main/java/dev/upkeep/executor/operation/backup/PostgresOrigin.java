package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.backup.BackupSettings.Pace;
import dev.upkeep.executor.operation.backup.program.PostgresClients;
import dev.upkeep.executor.operation.backup.program.PostgresClients.Client;
import dev.upkeep.executor.operation.backup.program.ProgramOrder;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** What a backup of PostgreSQL is taken from: the database, what was seen of its server, and the client programs that fit it. */
record PostgresOrigin(PostgresDatabase database, Attempt attempt, Pace pace, Client client, ServerFacts server) {
    /** Looks at the server, and for a client that fits it. */
    static PostgresOrigin of(PostgresDatabase database, Attempt attempt, Pace pace, PostgresClients clients)
            throws SQLException {
        ServerFacts server = ServerFacts.of(database);
        return new PostgresOrigin(database, attempt, pace, clients.forServer(server.major()), server);
    }

    boolean isGentle() {
        return pace == Pace.GENTLE;
    }

    /** One of the client's programs, which reads the server. */
    ProgramOrder order(String program, List<String> arguments, LibpqSettings settings) {
        return new ProgramOrder(
                client.program(program), arguments, settings.environment(), settings.secrets(), List.of(), isGentle());
    }

    Manifest.Versions versions(String program) {
        return new Manifest.Versions(server.version(), program + " " + client.version(), Optional.of(server.cluster()));
    }
}
