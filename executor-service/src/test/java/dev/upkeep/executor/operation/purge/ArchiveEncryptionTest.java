package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.exceptionfactory.jagged.framework.stream.StandardDecryptingChannelFactory;
import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import com.github.luben.zstd.ZstdInputStream;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.Sha256;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.encryption.Encryption;
import dev.upkeep.executor.operation.store.LocalS3;
import dev.upkeep.executor.operation.store.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Archives that are encrypted for keys of age. */
class ArchiveEncryptionTest {
    @TempDir
    Path folder;

    KeyPair pair;
    KeyPair other;
    SqliteSite site;
    List<String> before;

    @BeforeEach
    void fill() throws Exception {
        pair = new X25519KeyPairGenerator().generateKeyPair();
        other = new X25519KeyPairGenerator().generateKeyPair();
        site = new SqliteSite(folder);
        site.with("batch-rows", "20");
        site.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, at TEXT, name TEXT)");
        fill(1, 100);
        before = people();
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private void fill(int from, int to) throws Exception {
        for (int i = from; i <= to; i++) {
            site.execute("INSERT INTO people VALUES (" + i + ", '2026-01-01', 'known-plain-text " + i + "')");
        }
    }

    private List<String> people() throws Exception {
        return site.column("SELECT id || at || name FROM people ORDER BY id");
    }

    private Path archive(String receipt) {
        return Receipt.folder(site.directory, Site.ID).resolve(receipt);
    }

    private SqliteSite encryptedFor(KeyPair... pairs) {
        site.with(
                "recipients",
                String.join(",", Stream.of(pairs).map(ArchiveEncryptionTest::id).toList()));
        return site;
    }

    private void openedBy(KeyPair... pairs) throws Exception {
        site.with("identity-file", Site.identity(folder, pairs).toString());
    }

    private static String id(KeyPair keys) {
        return keys.getPublic().toString();
    }

    private String purge() throws Exception {
        return purge(Purge.Archive.JSON_LINES);
    }

    private String purge(Purge.Archive format) throws Exception {
        Done done = site.purge(Site.archiving(format, Site.rule("people", "at")));
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        return Site.report(done).receipt().orElseThrow();
    }

    /** Two tries at one command, the first of which writes one batch; between them the keys may change. */
    private String purge(Runnable between) throws Exception {
        Done first = site.perform(
                Site.order(Site.archiving(Site.rule("people", "at")), Site.AS_OF), new FreeAttempt().stopAfter(1));
        assertThat(first.outcome()).isEqualTo(Outcome.PARTIAL);
        between.run();
        return purge();
    }

    @ParameterizedTest
    @EnumSource
    void hidesTheRowsAndBringsThemBackWithTheSecretKeyOfARecipient(Purge.Archive format) throws Exception {
        encryptedFor(pair, other);

        String receipt = purge(format);

        String part = "part-00001." + (format == Purge.Archive.CSV ? "csv" : "jsonl") + ".zst.age";
        assertThat(people()).isEmpty();
        assertThat(new String(Files.readAllBytes(archive(receipt).resolve(part)), StandardCharsets.ISO_8859_1))
                .startsWith("age-encryption.org/v1\n")
                .doesNotContain("known-plain-text");
        assertThat(Receipt.read(archive(receipt)).orElseThrow().parts())
                .singleElement()
                .satisfies(stated ->
                        assertThat(stated.encryption()).contains(new Encryption("age", List.of(id(pair), id(other)))));
        openedBy(other);
        site.restore(receipt);
        assertThat(people()).isEqualTo(before);
    }

    @Test
    void listsTheHashOfTheStoredBytesOfEachFrameWhichStandsByItself() throws Exception {
        String receipt = purge(encryptedFor(pair));

        byte[] part = Files.readAllBytes(archive(receipt).resolve("part-00001.jsonl.zst.age"));
        StringBuilder text = new StringBuilder();
        for (ArchiveLog.Entry entry : ArchiveLog.read(archive(receipt))) {
            byte[] frame =
                    java.util.Arrays.copyOfRange(part, (int) entry.offset(), (int) (entry.offset() + entry.bytes()));
            assertThat(Sha256.hex(frame)).isEqualTo(entry.sha256());
            text.append(byHand(frame));
        }
        assertThat(text.toString().lines())
                .hasSize(100)
                .allMatch(line -> line.startsWith("{\"table\":\"people\",\"row\":{\"id\":"));
    }

    /** As {@code age -d | zstd -dc} do. */
    private String byHand(byte[] frame) throws Exception {
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        try (InputStream plain = new ZstdInputStream(Channels.newInputStream(new StandardDecryptingChannelFactory()
                .newDecryptingChannel(
                        Channels.newChannel(new ByteArrayInputStream(frame)),
                        List.of(X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(
                                pair.getPrivate().toString())))))) {
            plain.transferTo(rows);
        }
        return rows.toString(StandardCharsets.UTF_8);
    }

    private String purge(SqliteSite encrypted) throws Exception {
        assertThat(encrypted).isSameAs(site);
        return purge();
    }

    @Test
    void namesTheKeyThatIsMissing() throws Exception {
        String receipt = purge(encryptedFor(pair));

        Done none = site.restore(receipt);
        openedBy(other);
        Failure wrong = catchThrowableOfType(Failure.class, () -> site.restore(receipt));
        site.with("identity-file", folder.resolve("away.txt").toString());

        assertThat(none.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(none.reason().orElseThrow().code()).isEqualTo(Code.KEY_MISSING);
        assertThat(none.reason().orElseThrow().message()).contains(receipt, id(pair), "upkeep.purge.identity-file");
        assertThat(wrong.reason().code()).isEqualTo(Code.KEY_MISSING);
        assertThat(wrong).hasMessageContaining(id(pair)).hasMessageContaining("none of the keys in");
        assertThatThrownBy(() -> site.restore(receipt))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("upkeep.purge.identity-file");
        assertThat(people()).isEmpty();
    }

    @Test
    void bringsNothingBackAsLongAsOneOfItsKeysIsMissing() throws Exception {
        encryptedFor(pair);
        String receipt = purge(() -> encryptedFor(other));

        openedBy(other);
        Failure failure = catchThrowableOfType(Failure.class, () -> site.restore(receipt));

        assertThat(failure.reason().code()).isEqualTo(Code.KEY_MISSING);
        assertThat(failure).hasMessageContaining(id(pair));
        assertThat(people()).isEmpty();
        openedBy(other, pair);
        site.restore(receipt);
        assertThat(people()).isEqualTo(before);
    }

    @Test
    void readsArchivesThatWerePlainAtFirst() throws Exception {
        openedBy(pair);
        String receipt = purge(() -> encryptedFor(pair));

        List<String> parts = ArchivedParts.here(archive(receipt)).stream()
                .map(Receipt.Part::file)
                .toList();
        site.restore(receipt);

        assertThat(parts).containsExactly("part-00001.jsonl.zst", "part-00002.jsonl.zst.age");
        assertThat(people()).isEqualTo(before);
    }

    @Test
    void deletesNothingThatTheKeyOfThisHostWouldNotOpen() throws Exception {
        encryptedFor(pair);
        openedBy(other);

        Done done = site.purge(Site.archiving(Site.rule("people", "at")));
        Done dry = site.dryRun(Site.archiving(Site.rule("people", "at")));

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.KEY_MISSING);
        assertThat(done.reason().orElseThrow().message()).contains(id(pair));
        assertThat(Site.report(dry).warnings())
                .anyMatch(line -> line.startsWith("would be refused: ") && line.contains(id(pair)));
        assertThat(people()).isEqualTo(before);
        assertThat(site.directory.toFile().list((in, name) -> name.startsWith("app")))
                .isNullOrEmpty();
    }

    @Test
    void findsADamagedByteBeforeItDecrypts() throws Exception {
        String receipt = purge(encryptedFor(pair));
        openedBy(pair);
        Path part = archive(receipt).resolve("part-00001.jsonl.zst.age");
        byte[] bytes = Files.readAllBytes(part);
        bytes[bytes.length - 30] ^= 1;
        Files.write(part, bytes);

        Failure failure = catchThrowableOfType(Failure.class, () -> site.restore(receipt));

        assertThat(failure.reason().code()).isEqualTo(Code.CORRUPT);
        assertThat(failure).hasMessageContaining("its hash is not the one that was listed");
    }

    @Test
    void findsFramesThatWereExchangedInAPartAndItsList() throws Exception {
        String receipt = purge(encryptedFor(pair));
        openedBy(pair);
        Path part = archive(receipt).resolve("part-00001.jsonl.zst.age");
        byte[] bytes = Files.readAllBytes(part);
        List<ArchiveLog.Entry> entries = ArchiveLog.read(archive(receipt));
        List<ArchiveLog.Entry> exchanged = new ArrayList<>(entries);
        int last = entries.size() - 1;
        exchanged.set(last, entries.get(last - 1));
        exchanged.set(last - 1, entries.get(last));
        ByteArrayOutputStream moved = new ByteArrayOutputStream();
        StringBuilder list = new StringBuilder();
        for (ArchiveLog.Entry entry : exchanged) {
            list.append(new String(
                            Wire.write(new ArchiveLog.Entry(
                                    entry.attempt(),
                                    entry.batch(),
                                    entry.part(),
                                    moved.size(),
                                    entry.bytes(),
                                    entry.sha256(),
                                    entry.rows(),
                                    entry.encryption(),
                                    entry.leaving(),
                                    false)),
                            StandardCharsets.UTF_8))
                    .append('\n');
            moved.write(bytes, (int) entry.offset(), (int) entry.bytes());
        }
        Files.write(part, moved.toByteArray());
        Files.writeString(archive(receipt).resolve("batches.jsonl"), list);

        Failure failure = catchThrowableOfType(Failure.class, () -> site.restore(receipt));

        assertThat(failure.reason().code()).isEqualTo(Code.CORRUPT);
        assertThat(failure).hasMessageContaining("was not written there");
        assertThat(people()).isEmpty();
    }

    @Test
    void findsThePartOfAnotherReceipt() throws Exception {
        String first = purge(encryptedFor(pair));
        fill(101, 120);
        Done next = site.perform(
                Site.order(Site.archiving(Site.rule("people", "at")), Site.AS_OF.plusSeconds(1)), new FreeAttempt());
        String second = Site.report(next).receipt().orElseThrow();
        openedBy(pair);
        for (String file : List.of("part-00001.jsonl.zst.age", "batches.jsonl")) {
            Files.copy(
                    archive(first).resolve(file),
                    archive(second).resolve(file),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }

        Failure failure = catchThrowableOfType(Failure.class, () -> site.restore(second));

        assertThat(failure).hasMessageContaining("was not written there");
        assertThat(people()).isEmpty();
    }

    @Test
    void goesToAStoreAndComesBackOnAHostThatLostItsArchiveFolder() throws Exception {
        LocalS3 server = LocalS3.in(folder.resolve("objects"));
        try {
            ObjectStore store = server.store();
            site.archives = new ArchiveStore(() -> Optional.of(store));
            String receipt = purge(encryptedFor(pair));
            openedBy(pair);
            try (Stream<Path> all = Files.walk(archive(receipt))) {
                for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }

            site.restore(receipt);

            assertThat(store.list("")).containsKey("archives/app/" + receipt + "/part-00001.jsonl.zst.age");
            assertThat(people()).isEqualTo(before);
        } finally {
            server.end();
        }
    }

    @Test
    void doesNotStartWithKeysThatAreNone() {
        site.with("recipients", "ssh-ed25519 AAAA");

        assertThatThrownBy(() -> new SqlitePurge(site.config(), id -> Optional.empty(), ArchiveStore.none()))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("upkeep.purge.recipients");
    }
}
