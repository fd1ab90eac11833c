package dev.upkeep.common.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A token file that changes while the service runs. */
class TokenFileTest {
    private static final String KEY = "upkeep.api.token-file";

    @TempDir
    private Path folder;

    private Path write(String content) throws IOException {
        return write("tokens", "rw-------", content);
    }

    private Path write(String name, String mode, String content) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private static TokenFile open(Path file) {
        return new TokenFile(KEY, file, Duration.ZERO);
    }

    @Test
    void takesChangedTokensAndForgetsThoseThatAreGone() throws IOException {
        TokenFile tokens = open(write("viewer looks-at-everything\noperator runs-and-cancels-it\n"));
        assertThat(tokens.role("Bearer runs-and-cancels-it")).contains(Role.OPERATOR);

        write("viewer looks-at-everything\nadmin lifts-the-holds-too\n");

        assertThat(tokens.role("Bearer lifts-the-holds-too")).contains(Role.ADMIN);
        assertThat(tokens.role("Bearer looks-at-everything")).contains(Role.VIEWER);
        assertThat(tokens.role("Bearer runs-and-cancels-it")).isEmpty();
    }

    @Test
    void takesAFileThatWasPutInPlaceOfTheOldOneByALink() throws IOException {
        Path link = Files.createSymbolicLink(
                folder.resolve("current"), write("first", "rw-------", "viewer looks-at-everything\n"));
        TokenFile tokens = open(link);
        Path second = write("second", "rw-------", "viewer looks-at-something\n");

        Files.move(Files.createSymbolicLink(folder.resolve("next"), second), link, StandardCopyOption.REPLACE_EXISTING);

        assertThat(tokens.role("Bearer looks-at-something")).contains(Role.VIEWER);
    }

    @Test
    void keepsTheOldTokensWhenALineOfTheNewOnesIsWrongUntilItIsMended() throws IOException {
        TokenFile tokens = open(write("viewer looks-at-everything\n"));

        write("viewer looks-at-everything-else\nadmin short\n");

        assertThat(tokens.problem()).get().asString().contains(KEY, "line 2 ").doesNotContain("short\n");
        assertThat(tokens.role("Bearer looks-at-everything")).contains(Role.VIEWER);
        assertThat(tokens.role("Bearer looks-at-everything-else")).isEmpty();

        write("viewer looks-at-everything-else\n");

        assertThat(tokens.role("Bearer looks-at-everything-else")).contains(Role.VIEWER);
        assertThat(tokens.problem()).isEmpty();
    }

    @Test
    void keepsTheOldTokensWhenTheFileIsGone() throws IOException {
        Path file = write("viewer looks-at-everything\n");
        TokenFile tokens = open(file);

        Files.delete(file);

        assertThat(tokens.role("Bearer looks-at-everything")).contains(Role.VIEWER);
        assertThat(tokens.problem()).get().asString().contains("must be a readable file");
    }

    @Test
    void takesNoTokensThatOthersCanReadUntilTheyCannot() throws IOException {
        TokenFile tokens = open(write("viewer looks-at-everything\n"));

        Path file = write("tokens", "rw-r--r--", "viewer looks-at-everything-else\n");

        assertThat(tokens.role("Bearer looks-at-everything-else")).isEmpty();
        assertThat(tokens.problem()).get().asString().contains("read by other users");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        assertThat(tokens.role("Bearer looks-at-everything-else")).contains(Role.VIEWER);
    }

    @Test
    void doesNotBeginWithTokensThatOthersCanRead() throws IOException {
        Path file = write("tokens", "rw----r--", "viewer looks-at-everything\n");

        assertThatThrownBy(() -> TokenFile.open(KEY, file))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining(KEY)
                .hasMessageContaining("chmod 600");
    }
}
