package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.task.Backup.Compression;
import java.util.List;

/** Guesses how large a backup will be: as the last one of its kind was to its source, or as large as the content without one. */
final class Estimate {
    private Estimate() {}

    static long of(Source source, Compression compression, List<Manifest> before) {
        return before.stream()
                .filter(old -> old.method() == source.method()
                        && BackupName.hasForm(old.name(), source.form())
                        && old.file().compression() == compression
                        && old.file().sourceBytes() > 0)
                .findFirst()
                .map(last -> (long) ((double) last.file().bytes() / last.file().sourceBytes() * source.sourceBytes()))
                .orElse(source.expectedBytes());
    }
}
