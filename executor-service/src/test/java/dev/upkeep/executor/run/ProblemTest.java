package dev.upkeep.executor.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.executor.database.SqliteDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProblemTest {
    @TempDir
    Path folder;

    private Reason of(Exception exception) {
        return Problem.of(exception, new SqliteDatabase(new DatabaseId("queue"), Map.of(), folder.resolve("queue.db")));
    }

    @Test
    void doesNotTryAgainWhatAPersonMustMendOnThisHost() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        FileSystemException noFolder = null;
        try {
            Files.createDirectories(file.resolve("below"));
        } catch (FileSystemException e) {
            noFolder = e;
        }

        Reason reason = of(noFolder);

        assertThat(reason.code()).isEqualTo(Code.STORE_BROKEN);
        assertThat(reason.code().isTransient()).isFalse();
        assertThat(reason.message()).contains(file.toString()).contains("look at the file or folder");
        assertThat(of(new UncheckedIOException(noFolder)).code()).isEqualTo(Code.STORE_BROKEN);
        assertThat(of(new FileSystemException("/backups/x", null, "Read-only file system"))
                        .code())
                .isEqualTo(Code.READ_ONLY);
        assertThat(of(new FileSystemException("/backups/x", null, "No space left on device"))
                        .code())
                .isEqualTo(Code.DISK_FULL);
        Reason denied = of(new AccessDeniedException("/backups/x"));
        assertThat(denied.code()).isEqualTo(Code.PERMISSION_DENIED);
        assertThat(denied.message()).startsWith("/backups/x: permission denied");
    }

    @Test
    void triesAgainWhatANetworkMayMend() {
        assertThat(of(new SocketException("Connection reset")).code().isTransient())
                .isTrue();
        assertThat(of(new IOException("stream ended")).code()).isEqualTo(Code.STORE_UNAVAILABLE);
    }
}
