package dev.upkeep.reporter.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import io.quarkus.runtime.StartupEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessTest {
    @TempDir
    Path folder;

    @Test
    void refusesToListenBeyondThisHostWithoutAToken() {
        for (String host : new String[] {"0.0.0.0", "192.0.2.7", "::"}) {
            assertThatThrownBy(() -> new Access(Optional::empty, host).start(new StartupEvent()))
                    .isInstanceOf(InvalidValue.class)
                    .hasMessageContaining("upkeep.api.token-file");
        }
    }

    @Test
    void listensOnLoopbackWithoutAToken() {
        for (String host : new String[] {"127.0.0.1", "::1", "localhost"}) {
            assertThatCode(() -> new Access(Optional::empty, host).start(new StartupEvent()))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void letsInWhoBringsTheWholeTokenOnly() throws IOException {
        Path file = Files.writeString(folder.resolve("token"), "correct-horse-battery\n");
        Access access = new Access(() -> Optional.of(file), "0.0.0.0");

        assertThatCode(() -> access.start(new StartupEvent())).doesNotThrowAnyException();
        assertThat(access.isRight("Bearer correct-horse-battery")).isTrue();
        assertThat(access.isRight("Bearer correct-horse")).isFalse();
        assertThat(access.isRight("Basic correct-horse-battery")).isFalse();
        assertThat(access.isRight(null)).isFalse();
    }

    @Test
    void refusesATokenThatCanBeGuessed() throws IOException {
        Path file = Files.writeString(folder.resolve("token"), "secret\n");

        assertThatThrownBy(() -> new Access(() -> Optional.of(file), "0.0.0.0"))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("at least 16");
    }
}
