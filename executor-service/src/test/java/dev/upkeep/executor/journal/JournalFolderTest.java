package dev.upkeep.executor.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.ExecutorId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

    private static Set<PosixFilePermission> mode(Path file) throws Exception {
        return Files.getPosixFilePermissions(file);
    }

    @Test
    void closesItsFolderAndFilesToOthers() throws Exception {
        Path data = folder.resolve("data");
        Files.createDirectory(data);
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
        JournalFolder.open(data, SELF, AT_BIRTH).close();
        Files.setPosixFilePermissions(data.resolve("journal.db"), PosixFilePermissions.fromString("rw-rw-rw-"));

        try (JournalFolder again = JournalFolder.open(data, SELF, LATER)) {
            again.journal().receive(List.of(ordered("a/b", Optional.empty())));

            assertThat(mode(data)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
            assertThat(List.of("journal.db", "journal.db-wal", "journal.db-shm", "executor.lock"))
                    .allSatisfy(name -> assertThat(mode(data.resolve(name)))
                            .as(name)
                            .isEqualTo(PosixFilePermissions.fromString("rw-------")));
        }
    }

    @Test
    void refusesAFolderThatOthersCanWriteTo() throws Exception {
        Path data = folder.resolve("data");
        Files.createDirectory(data);
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxrwx---"));

        assertThatThrownBy(() -> JournalFolder.open(data, SELF, AT_BIRTH))
                .isInstanceOf(JournalFailure.class)
                .hasMessageContaining("can be written by other users")
                .hasMessageContaining("chmod 700");
    }

    @Test
    void countsOnlyDeathsAsCrashesAndOnlyFailuresAsFailures() {
        CommandId id = new CommandId("a/b");
        try (JournalFolder open = JournalFolder.open(folder, SELF, AT_BIRTH)) {
            Journal journal = open.journal();
            journal.receive(List.of(ordered("a/b", Optional.empty())));
            journal.begin(id);
            journal.beginStep(id, 0);
            journal.pause(id);
            journal.beginStep(id, 0);
            journal.failed(id);
            journal.beginStep(id, 0);
            journal.beginStep(id, 0);

            Entry.Step step = journal.find(id).orElseThrow().step(0).orElseThrow();

            assertThat(step.attempts()).isEqualTo(4);
            assertThat(step.crashes()).isOne();
            assertThat(step.failures()).isOne();
        }
    }

    @Test
    void takesOverAJournalOfTheVersionBefore() throws Exception {
        JournalFolder.open(folder, SELF, AT_BIRTH).close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"))) {
            for (String sql : List.of(
                    "ALTER TABLE step DROP COLUMN crashes",
                    "ALTER TABLE step DROP COLUMN failures",
                    "DELETE FROM meta WHERE name = 'compared'",
                    "INSERT INTO command (id, hash, body, state, attempts, received_at) VALUES ('a/b', 'h', x'01', 'running', 1, 0)",
                    "INSERT INTO step (command, position, state, attempts, started_at) VALUES ('a/b', 0, 'running', 3, 0)",
                    "PRAGMA user_version = 1")) {
                connection.createStatement().execute(sql);
            }
        }

        try (JournalFolder taken = JournalFolder.open(folder, SELF, LATER)) {
            assertThat(taken.journal().born()).isEqualTo(BORN);
            assertThat(taken.journal().isCompared()).isTrue();
            assertThat(taken.journal()
                            .find(new CommandId("a/b"))
                            .orElseThrow()
                            .step(0)
                            .orElseThrow()
                            .crashes())
                    .isZero();
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
    void tellsWhichCommandsAJournalHadThatWasSetAside() throws Exception {
        try (JournalFolder other = JournalFolder.open(folder, new ExecutorId("other"), AT_BIRTH)) {
            ProducerRecord<String, byte[]> refusal = new ProducerRecord<>("results", "k", new byte[] {1});
            other.journal()
                    .receive(List.of(ordered("open/b", Optional.empty()), ordered("ended/b", Optional.of(refusal))));
        }

        JournalFolder.open(folder, SELF, LATER).close();

        Path aside = folder.resolve("journal.set-aside-20261121T030000Z.db");
        assertThat(JournalFile.openIn(aside)).containsExactly("open/b");
        Files.write(aside, new byte[5_000]);
        assertThat(JournalFile.openIn(aside)).isEmpty();
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
