package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.operation.encryption.Keys;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** How this executor takes and keeps backups. */
@ConfigMapping(prefix = "upkeep.backup")
public interface BackupSettings {
    /** The folder of all backups, one folder per database below it; made if need be, closed to other users.
     * {@code backups} in the executor's data folder if absent. */
    @WithDefault("${upkeep.executor.data:executor-data}/backups")
    Path directory();

    /** Where backups are kept; the folder is where they are made in any case. */
    @WithDefault("folder")
    Store store();

    /** The public keys of age, {@code age1…}, that backups are encrypted for; not encrypted if absent. */
    Optional<List<String>> recipients();

    /**
     * A file with secret keys of age, as age-keygen writes it, which only the executor can read. Without it this host can
     * take and verify encrypted backups, and cannot drill or restore them.
     */
    Optional<Path> identityFile();

    /** The folder that SQLite files are restored into; {@code restored} in the executor's data folder if absent. */
    @WithDefault("${upkeep.executor.data:executor-data}/restored")
    Path restoreDirectory();

    /** The folder that the servers' archive_command fills; points in time cannot be restored if absent. */
    Optional<Path> walArchive();

    /**
     * What the keys of archived write-ahead log begin with in the store of {@code upkeep.store.s3}, below its prefix, such as
     * {@code wal/main/}: where {@code deploy/postgresql/wal-s3} puts it; instead of a folder.
     */
    Optional<String> walStore();

    /**
     * The operating system user that spare servers of drills run as when the executor runs as root, which PostgreSQL refuses;
     * {@code postgres} if absent.
     */
    @WithDefault("postgres")
    String serverUser();

    /** Folders to look for PostgreSQL's client programs in, before the places where distributions put them. */
    Optional<List<Path>> clientDirectories();

    /** How the load on the application is weighed against the time that a backup takes. */
    @WithDefault("gentle")
    Pace pace();

    /** How much content a second may be read or written by one backup, restore or check, at the most; no limit if absent. */
    Optional<MemorySize> rateLimit();

    /** The level of zstd, 1 to 19: higher is smaller and slower. */
    @WithDefault("1")
    int compressionLevel();

    /** Free space that a backup must leave on the folder's disk, at the least. */
    @WithDefault("256M")
    MemorySize leastFree();

    /** The keys of backups. */
    static Keys keys(BackupSettings settings) {
        return Keys.of("upkeep.backup", settings.recipients(), settings.identityFile());
    }

    /** The kinds of stores. */
    enum Store {
        /** The backup folder. */
        FOLDER,
        /** The S3-compatible store of {@code upkeep.store.s3}. */
        S3
    }

    /** The kinds of pace. */
    enum Pace {
        /** At low CPU and I/O priority, pausing as long as each piece took. */
        GENTLE,
        /** Without pauses but those that the load governor orders. */
        FAST
    }
}
