package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.backup.program.PostgresClients;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the check that fits a listed backup. */
@ApplicationScoped
class ContentChecks {
    private static final Pattern MAJOR = Pattern.compile("\\D*(\\d+).*");

    private final BackupSettings settings;

    ContentChecks(BackupSettings settings) {
        this.settings = settings;
    }

    ContentCheck of(Manifest manifest, Attempt attempt) {
        return switch (manifest.method()) {
            case LOGICAL ->
                BackupName.isDumpTar(manifest.name())
                        ? new DumpTarCheck(client(manifest), attempt)
                        : new DumpCheck(client(manifest), attempt);
            case ONLINE, VACUUM_INTO -> new SqliteCheck(attempt);
            case PHYSICAL -> new PhysicalCheck(client(manifest), attempt);
        };
    }

    /** The client programs that can read a backup: those of the version that wrote it, or newer. */
    PostgresClients.Client client(Manifest manifest) {
        return BackupTools.clients(settings)
                .forServer(Math.max(
                        major(manifest.versions().tool()),
                        major(manifest.versions().engine())));
    }

    private static int major(String version) {
        Matcher matcher = MAJOR.matcher(version);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
    }
}
