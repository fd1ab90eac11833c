package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.task.Restore;
import dev.upkeep.executor.operation.Done;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** A new data folder as the place of a physical restore: a stopped server, which a person starts where it is wanted. */
final class FolderTarget implements Restoring.Target {
    private final BackupSettings settings;
    private final ContentChecks checks;
    private final Restore order;
    private final Optional<WalArchive> log;
    private final Path folder;

    FolderTarget(BackupSettings settings, ContentChecks checks, Restore order, Optional<WalArchive> log, String name) {
        this.settings = settings;
        this.checks = checks;
        this.order = order;
        this.log = log;
        this.folder = settings.restoreDirectory().toAbsolutePath().normalize().resolve(name);
    }

    @Override
    public String name() {
        return folder.toString();
    }

    @Override
    public Optional<Reason> refusal(Manifest manifest) {
        if (manifest.method() != Method.PHYSICAL) {
            return Optional.of(new Reason(
                    Code.UNSUPPORTED,
                    "until: a point in time (needs a physical backup, and " + manifest.name() + " is none)"));
        }
        if (order.overOriginal()) {
            return Optional.of(new Reason(
                    Code.UNSUPPORTED,
                    "overOriginal: true (a physical backup is never put over a live server; restore it into a folder, stop the"
                            + " server, and start it there)"));
        }
        if (order.until().isPresent() && log.isEmpty()) {
            return Optional.of(
                    new Reason(
                            Code.INVALID,
                            "until: a point in time (needs upkeep.backup.wal-archive or wal-store, where archived write-ahead log is)"));
        }
        if (order.until()
                .flatMap(Restore.PointInTime::time)
                .filter(time -> time.isBefore(manifest.takenAt()))
                .isPresent()) {
            return Optional.of(new Reason(
                    Code.INVALID,
                    "until: a time before the backup was taken at " + manifest.takenAt() + " (name an older backup)"));
        }
        return Files.exists(folder, LinkOption.NOFOLLOW_LINKS)
                ? Optional.of(new Reason(Code.INVALID, "into: " + folder + " (exists already; give another name)"))
                : Optional.empty();
    }

    @Override
    public long freeBytes() throws IOException {
        return DiskSpace.free(folder);
    }

    @Override
    public Done safetyBackup() {
        throw new IllegalStateException("a physical backup is never put over the original");
    }

    @Override
    public Contents restore(Drilling.Task task) throws IOException {
        PhysicalLoad load = new PhysicalLoad(settings, checks.client(task.manifest()), task);
        Path partial = Partials.file(task.manifest().database(), folder);
        try {
            load.unpackInto(partial);
            Contents contents = load.replay(
                    partial, order.until().flatMap(point -> log.map(from -> new PhysicalLoad.Recovery(point, from))));
            load.sync(partial);
            Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
            BackupFolder.sync(settings.restoreDirectory());
            return contents;
        } finally {
            BackupFolder.deleteTree(partial);
        }
    }
}
