package dev.upkeep.local.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.local.server.LocalFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir
    Path folder;

    @Test
    void isForOneLauncherAtATime() {
        DataFolder first = DataFolder.open(folder);

        assertThatThrownBy(() -> DataFolder.open(folder))
                .isInstanceOf(LocalFailure.class)
                .hasMessageContainingAll(
                        folder.toString(),
                        "in use by another launcher",
                        Long.toString(ProcessHandle.current().pid()));
        first.close();
        DataFolder.open(folder).close();
    }

    @Test
    void refusesAFolderThatHoldsOtherThings() throws Exception {
        Files.writeString(folder.resolve("thesis.txt"), "years of work");

        assertThatThrownBy(() -> DataFolder.open(folder)).hasMessageContaining("holds other things");
        assertThat(folder.resolve("thesis.txt")).exists();
    }

    @Test
    void deletesAllButTheLockOnReset() throws Exception {
        try (DataFolder data = DataFolder.open(folder)) {
            Files.writeString(data.folder("kafka").resolve("segment"), "records");

            data.reset();

            assertThat(folder.resolve("kafka")).doesNotExist();
            assertThatThrownBy(() -> DataFolder.open(folder)).hasMessageContaining("in use");
        }
    }

    @Test
    void keepsSecretsFromOthers() throws Exception {
        try (DataFolder data = DataFolder.open(folder)) {
            Path file = data.secret("executor/application.yaml", "password: x");

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
    }
}
