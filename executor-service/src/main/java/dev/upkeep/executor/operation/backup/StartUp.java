package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.executor.operation.store.ObjectStores;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Before the executor begins to work: refuses bad settings, and removes what an executor that died left unfinished. */
@ApplicationScoped
class StartUp {
    private static final int HIGHEST_LEVEL = 19;

    private final BackupSettings settings;
    private final Catalogue catalogue;
    private final Runnable storeCheck;

    @Inject
    StartUp(BackupSettings settings, Catalogue catalogue, ObjectStores stores) {
        this(settings, catalogue, stores::check);
    }

    /** @param storeCheck refuses an object store's configuration that is not whole */
    StartUp(BackupSettings settings, Catalogue catalogue, Runnable storeCheck) {
        this.settings = settings;
        this.catalogue = catalogue;
        this.storeCheck = storeCheck;
    }

    void begin(@Observes StartupEvent event) {
        int level = settings.compressionLevel();
        if (level < 1 || level > HIGHEST_LEVEL) {
            throw new InvalidValue(
                    "upkeep.backup.compression-level",
                    Integer.toString(level),
                    "must be between 1 and " + HIGHEST_LEVEL);
        }
        BackupSettings.keys(settings).check();
        WalArchives.check(settings);
        if (settings.store() == BackupSettings.Store.S3 || settings.walStore().isPresent()) {
            storeCheck.run();
        }
        try {
            removeLeftovers();
        } catch (IOException e) {
            throw new UncheckedIOException("upkeep.backup.directory " + settings.directory() + " cannot be used", e);
        }
    }

    /** Leaves alone what another process is at work on, and what is in a store elsewhere: the next task sees to that. */
    void removeLeftovers() throws IOException {
        for (Path folder : folders()) {
            DatabaseId database = new DatabaseId(folder.getFileName().toString().replace('+', '/'));
            BackupFolder backups = catalogue.folder(database);
            Optional<BackupFolder.Hold> hold = backups.hold();
            if (hold.isPresent()) {
                try (BackupFolder.Hold held = hold.get()) {
                    backups.removeLocalLeftovers(held);
                    Partials.removeFiles(settings.restoreDirectory(), database);
                }
            }
        }
    }

    private List<Path> folders() throws IOException {
        if (!Files.isDirectory(settings.directory())) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(settings.directory())) {
            return all.filter(Files::isDirectory)
                    .filter(folder -> folder.getFileName().toString().matches("[A-Za-z0-9][A-Za-z0-9._+-]{0,127}"))
                    .toList();
        }
    }
}
