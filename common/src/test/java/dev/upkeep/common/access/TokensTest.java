package dev.upkeep.common.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {
    private static final String KEY = "upkeep.api.token-file";
    /** {@code printf %s a-digest-of-which-is-kept | sha256sum} */
    private static final String DIGEST = "sha256:4de540ea2bf85aa7316dda9a31391d2839943faa8a541a8b21558050d8547f93";

    @TempDir
    private Path folder;

    private Tokens tokens(String content) throws IOException {
        return Tokens.read(KEY, Files.writeString(folder.resolve("tokens"), content));
    }

    @Test
    void knowsEachTokenByItsLine() throws IOException {
        Tokens tokens = tokens("""
                # the dashboards
                viewer   looks-at-everything

                operator runs-and-cancels-it
                admin    lifts-the-holds-too
                viewer   %s
                """.formatted(DIGEST));

        assertThat(tokens.role("Bearer looks-at-everything")).contains(Role.VIEWER);
        assertThat(tokens.role("Bearer runs-and-cancels-it")).contains(Role.OPERATOR);
        assertThat(tokens.role("Bearer  lifts-the-holds-too ")).contains(Role.ADMIN);
        assertThat(tokens.role("Bearer a-digest-of-which-is-kept")).contains(Role.VIEWER);
    }

    @Test
    void takesATokenAloneOnTheFirstLineAsAnAdmins() throws IOException {
        Tokens tokens = tokens("correct-horse-battery\nviewer looks-at-everything\n");

        assertThat(tokens.role("Bearer correct-horse-battery")).contains(Role.ADMIN);
        assertThat(tokens.role("Bearer looks-at-everything")).contains(Role.VIEWER);
    }

    @Test
    void knowsNobodyElse() throws IOException {
        Tokens tokens = tokens("viewer looks-at-everything\nadmin " + DIGEST + "\n");

        assertThat(tokens.role(null)).isEmpty();
        assertThat(tokens.role("")).isEmpty();
        assertThat(tokens.role("Bearer ")).isEmpty();
        assertThat(tokens.role("Bearer looks-at-everythin")).isEmpty();
        assertThat(tokens.role("Bearer looks-at-everything2")).isEmpty();
        assertThat(tokens.role("Bearer viewer looks-at-everything")).isEmpty();
        assertThat(tokens.role("looks-at-everything")).isEmpty();
        assertThat(tokens.role("Basic looks-at-everything")).isEmpty();
        assertThat(tokens.role("Bearer " + DIGEST)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "viewer looks-at-everything\nlooks-at-everything-else",
                "viewer looks-at-everything\nviwer looks-at-everything-else",
                "viewer looks-at-everything\nadmin too-short",
                "viewer looks-at-everything\nadmin two words-are-not-a-token",
                "viewer looks-at-everything\nadmin sha256:0123456789abcdef",
                "viewer looks-at-everything\nadmin looks-at-everything",
                "# one\nVIEWER looks-at-everything"
            })
    void refusesALineThatItDoesNotUnderstandAndSaysWhichButNotWhat(String content) {
        assertThatThrownBy(() -> tokens(content))
                .isInstanceOf(InvalidValue.class)
                .hasMessageStartingWith(KEY + ": ")
                .hasMessageContaining("line 2 ")
                .hasMessageNotContaining("everything");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "# nothing but a remark\n", "short\n"})
    void refusesAFileWithoutATokenThatIsHardToGuess(String content) {
        assertThatThrownBy(() -> tokens(content))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("at least 16 characters");
    }

    @Test
    void refusesAFileThatIsNotThere() {
        assertThatThrownBy(() -> Tokens.read(KEY, folder.resolve("none")))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("cannot be read");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.7", "no-such-host.invalid"})
    void mustBeThereWhereOthersCanComeIn(String host) throws IOException {
        Optional<Tokens> some = Optional.of(tokens("correct-horse-battery"));

        assertThatThrownBy(() -> Tokens.demand(Optional.empty(), host, KEY))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("quarkus.http.host: " + host)
                .hasMessageContaining(KEY);
        assertThatCode(() -> Tokens.demand(some, host, KEY)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "::1"})
    void needNotBeThereOnLoopback(String host) {
        assertThatCode(() -> Tokens.demand(Optional.empty(), host, KEY)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, VIEWER",
        "HEAD, VIEWER",
        "OPTIONS, VIEWER",
        "POST, OPERATOR",
        "PUT, OPERATOR",
        "DELETE, OPERATOR",
        "PATCH, OPERATOR",
        "TRACE, OPERATOR",
        "get, OPERATOR",
        "PURGE, OPERATOR"
    })
    void onlyWhatPlainlyReadsIsForViewers(String method, Role least) {
        assertThat(Role.forMethod(method)).isEqualTo(least);
    }

    @Test
    void rolesCoverThoseBeforeThem() {
        assertThat(Role.ADMIN.covers(Role.VIEWER)).isTrue();
        assertThat(Role.OPERATOR.covers(Role.OPERATOR)).isTrue();
        assertThat(Role.VIEWER.covers(Role.OPERATOR)).isFalse();
        assertThat(Role.OPERATOR.covers(Role.ADMIN)).isFalse();
        assertThat(Role.OPERATOR).hasToString("operator");
    }
}
