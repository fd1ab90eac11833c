package dev.upkeep.reporter.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
    @TempDir
    Path folder;

    @Test
    void opensAgainWithWhatItHeld() {
        try (History history = open()) {
            history.write(session -> session.update("INSERT INTO tally (name, labels, value) VALUES ('x', '{}', 3)"));
        }

        try (History history = open()) {
            assertThat(history.<Long>read(session -> session.number("SELECT value FROM tally")))
                    .isEqualTo(3);
        }
    }

    @Test
    void namesTheSettingWhenTheEngineIsUnknown() {
        assertThatThrownBy(() -> History.open("jdbc:mysql://h/d", Optional.empty(), Optional.empty()))
                .isInstanceOf(HistoryFailure.class)
                .hasMessage("upkeep.history.url: jdbc:mysql://h/d (must start with jdbc:sqlite: or jdbc:postgresql:)");
    }

    @Test
    void saysWhatToCheckWhenItCannotBeOpened() {
        Path nowhere = folder.resolve("no/such/folder/history.db");

        assertThatThrownBy(() -> History.open("jdbc:sqlite:" + nowhere, Optional.empty(), Optional.empty()))
                .isInstanceOf(HistoryFailure.class)
                .hasMessageContaining("no/such/folder")
                .hasMessageContaining("check upkeep.history.url");
    }

    @Test
    void listsEveryMigrationScriptThatIsThere() throws IOException, URISyntaxException {
        Path scripts = Path.of(HistoryTest.class.getResource("/history").toURI());

        try (Stream<Path> files = Files.list(scripts)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(Scripts.NAMES);
        }
    }

    private History open() {
        return History.open("jdbc:sqlite:" + folder.resolve("history.db"), Optional.empty(), Optional.empty());
    }
}
