package dev.upkeep.executor.wiring;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFilesTest {
    @TempDir
    Path folder;

    private Path file(String mode) throws Exception {
        Path file = Files.writeString(folder.resolve("executor.yaml"), "upkeep: {}");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private static Config config(String locations) {
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(Map.of("smallrye.config.locations", locations), "test", 100))
                .build();
    }

    @Test
    void refusesAConfigurationThatOthersCanWrite() throws Exception {
        Path file = file("rw-rw-r--");

        for (String location : new String[] {file.toString(), file.toUri().toString(), "/nowhere.yaml," + file}) {
            assertThatThrownBy(() -> ConfigFiles.check(config(location)))
                    .as(location)
                    .isInstanceOf(InvalidValue.class)
                    .hasMessageContaining("smallrye.config.locations: " + file)
                    .hasMessageContaining("chmod go-w");
        }
    }

    @Test
    void takesAConfigurationThatOthersCanRead() throws Exception {
        Path file = file("rw-r--r--");

        assertThatCode(() -> ConfigFiles.check(config(file.toString()))).doesNotThrowAnyException();
    }
}
