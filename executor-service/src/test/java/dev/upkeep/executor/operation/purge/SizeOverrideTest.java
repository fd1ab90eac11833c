package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.sign.Signer;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.task.SizeOverride;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second person's word that a purge may be larger than this executor allows. */
class SizeOverrideTest {
    private static final TableName EVENTS = TableName.parse("events");

    @TempDir
    Path folder;

    private Site site;
    private KeyPair ann;

    @BeforeEach
    void open() throws Exception {
        ann = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        site = new SqliteSite(folder);
        site.with("override-keys.ann", publicKey(ann).toString()).with("max-rows", "3");
        site.execute("CREATE TABLE events (id ${id}, created_at ${time})");
        fill();
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private void fill() throws Exception {
        site.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)"
                + " INSERT INTO events SELECT i, iif(i <= 5, '2026-01-01T00:00:00Z', '2026-11-01T00:00:00Z') FROM n");
    }

    private Path publicKey(KeyPair pair) throws Exception {
        Path file = Files.writeString(
                Files.createTempFile(folder, "key", ".pem"), pem(pair.getPublic()), StandardCharsets.US_ASCII);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static String pem(Key key) {
        return "-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    private SizeOverride signed(SizeOverride.Statement statement) {
        return new SizeOverride(statement, "ann", new Signer("ann", ann.getPrivate()).signature(statement.content()));
    }

    private SizeOverride.Statement statement(long rows) throws Exception {
        String hash = Site.report(site.dryRun(purge(Optional.empty()))).planHash();
        return new SizeOverride.Statement(Site.ID, hash, List.of(EVENTS), rows, Instant.now());
    }

    private static Purge purge(Optional<SizeOverride> override) {
        Purge purge = Site.of(Site.rule("events", "created_at"));
        return new Purge(
                purge.rules(), purge.archive(), purge.backupWithin(), purge.pace(), purge.skipAnalyze(), override);
    }

    private Done perform(String command, SizeOverride override) throws Exception {
        return site.perform(
                new Order<>(new CommandId(command), purge(Optional.of(override)), Site.AS_OF, false, Optional.empty()),
                new FreeAttempt());
    }

    private void refuses(SizeOverride override, String why) throws Exception {
        Done done = perform("c", override);

        assertThat(done.outcome()).as(why).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().code()).isEqualTo(Code.GUARDRAIL);
        assertThat(done.reason().orElseThrow().message()).contains("rows: 5 (at most 3", why);
        assertThat(site.column("SELECT count(*) FROM events")).containsExactly("10");
    }

    @Test
    void liftsTheLimitsOfSizeForOneCommand() throws Exception {
        SizeOverride override = signed(statement(5));

        Done done = perform("c", override);

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(Site.report(done).warnings())
                .contains("lifted by the override of ann: rows: 5 (at most 3, see" + " upkeep.purge.max-rows)");
        assertThat(site.column("SELECT count(*) FROM events")).containsExactly("5");

        site.execute("DELETE FROM events");
        fill();
        assertThat(perform("second", override).reason().orElseThrow().message())
                .isEqualTo(
                        "rows: 5 (at most 3, see upkeep.purge.max-rows); override: it was used already, by command c,"
                                + " and is good for one");
        assertThat(site.column("SELECT count(*) FROM events")).containsExactly("10");
    }

    @Test
    void saysInADryRunWhatItWouldLift() throws Exception {
        SizeOverride override = signed(statement(5));

        Done without = site.dryRun(purge(Optional.empty()));
        Done with = site.dryRun(purge(Optional.of(override)));

        assertThat(Site.report(without).warnings())
                .anySatisfy(line -> assertThat(line)
                        .startsWith("would be refused: rows: 5 (at most 3")
                        .contains("upkeep override"));
        assertThat(Site.report(with).warnings())
                .anySatisfy(line -> assertThat(line).startsWith("lifted by the override of ann: rows: 5"));
        assertThat(perform("c", override).outcome())
                .as("a dry run uses nothing up")
                .isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void isRefusedIfItIsNotWhatWasSigned() throws Exception {
        SizeOverride good = signed(statement(5));
        SizeOverride.Statement said = good.statement();
        KeyPair mallory = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();

        refuses(
                new SizeOverride(
                        new SizeOverride.Statement(
                                said.database(), said.planHash(), said.tables(), 1_000_000, said.signedAt()),
                        "ann",
                        good.signature()),
                "not signed with a key");
        refuses(
                new SizeOverride(said, "ann", new Signer("ann", mallory.getPrivate()).signature(said.content())),
                "not signed with a key");
        refuses(new SizeOverride(said, "mallory", good.signature()), "not signed with a key");
        refuses(new SizeOverride(said, "ann", "not base64!"), "not signed with a key");
    }

    @Test
    void isRefusedForAnyOtherPurge() throws Exception {
        SizeOverride.Statement said = statement(5);
        Instant now = Instant.now();

        refuses(
                signed(new SizeOverride.Statement(
                        new DatabaseId("other"), said.planHash(), said.tables(), 5, said.signedAt())),
                "override.database: other");
        refuses(
                signed(new SizeOverride.Statement(Site.ID, "0".repeat(64), said.tables(), 5, now)),
                "override.planHash: 0000");
        refuses(
                signed(new SizeOverride.Statement(
                        Site.ID, said.planHash(), List.of(TableName.parse("others")), 5, now)),
                "override.tables: [others] (the rules' are [events])");
        refuses(signed(statement(4)), "override.rows: 4 (now there are 5)");
    }

    @Test
    void isGoodForAnHour() throws Exception {
        SizeOverride.Statement said = statement(5);
        Instant now = Instant.now();

        refuses(
                signed(new SizeOverride.Statement(
                        Site.ID, said.planHash(), said.tables(), 5, now.minus(Duration.ofMinutes(61)))),
                "override.signedAt: ");
        refuses(
                signed(new SizeOverride.Statement(
                        Site.ID, said.planHash(), said.tables(), 5, now.plus(Duration.ofMinutes(5)))),
                "override.signedAt: ");
        assertThat(perform(
                                "c",
                                signed(new SizeOverride.Statement(
                                        Site.ID, said.planHash(), said.tables(), 5, now.minus(Duration.ofMinutes(59)))))
                        .outcome())
                .isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void letsACommandThatDiedGoOnButNoOtherUseIt() throws Exception {
        site.with("max-rows", "1").with("batch-rows", "2");
        SizeOverride override = signed(statement(5));
        Order<Purge> first =
                new Order<>(new CommandId("first"), purge(Optional.of(override)), Site.AS_OF, false, Optional.empty());
        FreeAttempt dying = new FreeAttempt().between(() -> {
            throw new IllegalStateException("died");
        });
        assertThatThrownBy(() -> site.perform(first, dying)).hasMessage("died");

        Done other = perform("second", override);
        Done again = perform("first", override);

        assertThat(other.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(other.reason().orElseThrow().message())
                .contains("override: it was used already, by command first, and is good for one");
        assertThat(again.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(site.column("SELECT count(*) FROM events")).containsExactly("5");
    }

    @Test
    void liftsNothingButSize() throws Exception {
        SizeOverride override = signed(statement(5));
        site.with("least-keep", "P100D");

        Done floor = perform("c", override);
        site.with("least-keep", "PT24H").with("databases.app.protect[0]", "events");
        Done protect = perform("c", override);

        assertThat(floor.reason().orElseThrow().message()).contains("keep: P90D");
        assertThat(protect.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(site.column("SELECT count(*) FROM events")).containsExactly("10");
    }

    @Test
    void takesNoKeyFromAFileThatOthersCanWrite() throws Exception {
        Path open = Files.setPosixFilePermissions(publicKey(ann), PosixFilePermissions.fromString("rw-rw-rw-"));

        assertThatThrownBy(() -> Overrides.by(java.util.Map.of("ann", open)))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("upkeep.purge.override-keys.ann: " + open);
    }
}
