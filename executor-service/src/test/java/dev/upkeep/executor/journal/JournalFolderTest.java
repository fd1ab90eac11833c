package dev.upkeep.executor.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.ExecutorId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalFolderTest {
    private static final Instant BORN = Instant.parse("2026-11-21T02:00:00Z");
    private static final Clock AT_BIRTH = Clock.fixed(BORN, ZoneOffset.UTC);
    private static final Clock LATER = Clock.fixed(BORN.plusSeconds(3_600), ZoneOffset.UTC);
    private static final ExecutorId SELF = new ExecutorId("host");

    @TempDir
    Path folder;

    private static Arrival ordered(String id, Optional<ProducerRecord<String, byte[]>> refusal) {
        ProducerRecord<String, byte[]> letter = new ProducerRecord<>("dead", "k", new byte[] {1});
        return new Arrival.Ordered(
                new CommandId(id), new byte[] {1, 2}, "hash-" + id, Optional.empty(), refusal, letter);
    }

    @Test
    void remembersItsBirthAndItsCommands() {
        try (JournalFolder first = JournalFolder.open(folder, SELF, AT_BIRTH)) {
            first.journal().receive(List.of(ordered("a/b", Optional.empty())));
        }

        try (JournalFolder again = JournalFolder.open(folder, SELF, LATER)) {
            assertThat(again.journal().born()).isEqualTo(BORN);
            assertThat(again.journal().recoveredAt()).isEmpty();
            assertThat(again.journal().open()).containsExactly("a/b");
        }
    }

    @Test
    void setsAnotherExecutorsJournalAside() {
        JournalFolder.open(folder, new ExecutorId("other"), AT_BIRTH).close();

        try (JournalFolder own = JournalFolder.open(folder, SELF, LATER)) {
            assertThat(own.journal().recoveredAt()).contains(LATER.instant());
        }
        assertThat(folder.toFile().list()).anyMatch(name -> name.startsWith("journal.set-aside-"));
    }

    @Test
    void setsATruncatedJournalAside() throws Exception {
        JournalFolder.open(folder, SELF, AT_BIRTH).close();
        Files.write(folder.resolve("journal.db"), new byte[0]);

        try (JournalFolder anew = JournalFolder.open(folder, SELF, LATER)) {
            assertThat(anew.journal().recoveredAt()).contains(LATER.instant());
            assertThat(anew.journal().open()).isEmpty();
        }
    }

    @Test
    void leavesAJournalOfANewerVersionAlone() throws Exception {
        JournalFolder.open(folder, SELF, AT_BIRTH).close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"))) {
            connection.createStatement().execute("PRAGMA user_version = 99");
        }

        assertThatThrownBy(() -> JournalFolder.open(folder, SELF, LATER))
                .isInstanceOf(JournalFailure.class)
                .hasMessageContaining("version 99");
        assertThat(folder.toFile().list()).noneMatch(name -> name.startsWith("journal.set-aside-"));
    }

    @Test
    void isUsedByOneAtATime() {
        try (JournalFolder used = JournalFolder.open(folder, SELF, AT_BIRTH)) {
            assertThatThrownBy(() -> JournalFolder.open(folder, SELF, LATER))
                    .isInstanceOf(JournalFailure.class)
                    .hasMessageContaining("uses it");
            assertThat(used.journal().open()).isEmpty();
        }
    }

    @Test
    void forgetsEndedCommandsOnlyAfterTheirResultWasPublished() {
        ProducerRecord<String, byte[]> result = new ProducerRecord<>("results", "b", new byte[] {7});
        try (JournalFolder first = JournalFolder.open(folder, SELF, AT_BIRTH)) {
            first.journal()
                    .receive(List.of(ordered("old/b", Optional.of(result)), ordered("open/b", Optional.empty())));
        }

        try (JournalFolder later = JournalFolder.open(folder, SELF, LATER)) {
            assertThat(later.journal().prune(Duration.ofMinutes(30))).isZero();
            later.outbox().sent(later.outbox().pending(10));
            assertThat(later.journal().prune(Duration.ofHours(2))).isZero();
            assertThat(later.journal().prune(Duration.ofMinutes(30))).isOne();
            assertThat(later.journal().find(new CommandId("open/b"))).isPresent();
            assertThat(later.outbox().size()).isZero();
        }
    }
}
