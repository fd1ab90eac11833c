package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.nio.file.Path;
import java.util.Optional;

/** Write-ahead log in a folder of this host, as {@code deploy/postgresql/archive-wal} leaves it there. */
final class WalFolder implements WalArchive {
    private final Path folder;

    WalFolder(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    @Override
    public Access open(Path data, ServerAccount account) {
        String archive = folder.toString();
        if (archive.matches(".*['\"%\\\\$`\\s].*")) {
            throw new Failure(
                    Code.INVALID,
                    "upkeep.backup.wal-archive: " + archive + " (must not hold quotes, blanks, %, $ or backslashes)");
        }
        return new Access() {
            @Override
            public String restoreCommand() {
                return "cp " + archive + "/%f %p";
            }

            @Override
            public Optional<Failure> failure() {
                return Optional.empty();
            }

            @Override
            public void close() {
                // nothing was made
            }
        };
    }
}
