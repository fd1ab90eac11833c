package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.fleet.Refusal;
import dev.upkeep.common.fleet.Tool;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Restore;
import dev.upkeep.common.task.RestoreDrill;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.task.VerifyBackup;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Tools;
import dev.upkeep.executor.operation.backup.program.PostgresClients;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says at registration which PostgreSQL client programs there are, and which servers are too new for them. */
@ApplicationScoped
class BackupTools implements Tools {
    private static final Pattern MAJOR = Pattern.compile("(\\d+)\\..*|(\\d+)\\D*");

    private static final List<Class<? extends Task>> NEED_CLIENT =
            List.of(Backup.class, VerifyBackup.class, RestoreDrill.class, Restore.class);

    private final PostgresClients clients;

    @jakarta.inject.Inject
    BackupTools(BackupSettings settings) {
        this(clients(settings));
    }

    BackupTools(PostgresClients clients) {
        this.clients = clients;
    }

    static PostgresClients clients(BackupSettings settings) {
        return PostgresClients.of(settings.clientDirectories().orElse(List.of()));
    }

    @Override
    public List<Tool> tools() {
        return clients.tools();
    }

    @Override
    public List<Refusal> refusals(Database database, Optional<String> version) {
        if (!(database instanceof PostgresDatabase)) {
            return List.of();
        }
        return version.flatMap(BackupTools::major).stream()
                .flatMap(major -> refusals(major).stream())
                .toList();
    }

    private List<Refusal> refusals(int major) {
        Optional<String> problem = clients.problem(major);
        if (problem.isPresent()) {
            return NEED_CLIENT.stream()
                    .map(task -> new Refusal(Task.nameOf(task), problem.get()))
                    .toList();
        }
        PostgresClients.Client client = clients.forServer(major);
        return client.has("initdb") && client.has("postgres")
                ? List.of()
                : List.of(new Refusal(
                        Task.nameOf(RestoreDrill.class),
                        "a spare server needs initdb and postgres, and " + client.folder()
                                + " has only client programs; install postgresql-" + client.major()));
    }

    private static Optional<Integer> major(String version) {
        Matcher matcher = MAJOR.matcher(version.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(Integer.parseInt(matcher.group(1) != null ? matcher.group(1) : matcher.group(2)));
    }
}
