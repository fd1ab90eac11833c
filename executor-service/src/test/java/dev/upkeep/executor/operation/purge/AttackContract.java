package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Condition;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.Stop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tries to make a purge delete a row that it must not, lose one, or bring one back wrongly. */
abstract class AttackContract extends OnSite {

    static Purge.Rule parents(Condition... where) {
        return new Purge.Rule(
                TableName.parse("parents"),
                ColumnName.parse("at"),
                Duration.ofDays(90),
                Optional.empty(),
                List.of(where));
    }

    /** Parents 1 and 2 are old, 3 is young; each has a child of its number times ten. */
    void family() throws Exception {
        site.execute(
                "CREATE TABLE parents (id ${id}, at ${time}, body TEXT)",
                "CREATE TABLE children (id ${id}, parent ${big} REFERENCES parents, body TEXT)",
                "CREATE INDEX by_parent ON children (parent)",
                "INSERT INTO parents VALUES (1, '" + OLD + "', 'a'), (2, '" + OLD + "', 'b'), (3, '" + NEW + "', 'c')",
                "INSERT INTO children VALUES (10, 1, 'a'), (20, 2, 'b'), (30, 3, 'c')");
    }

    String receipt(Done done) {
        return Site.report(done).receipt().orElseThrow();
    }

    Path archive(String receipt) {
        return Receipt.folder(site.directory, Site.ID).resolve(receipt);
    }

    void refuses(Purge purge, Code code, String... why) throws Exception {
        Done done = site.purge(purge);

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().code()).isEqualTo(code);
        assertThat(done.reason().orElseThrow().message()).contains(why);
    }

    /** Does something after the rows were counted and before the first batch. */
    FreeAttempt whenCounted(String... statements) {
        return new FreeAttempt() {
            private int looks;

            @Override
            public Optional<Stop> stop() {
                looks++;
                if (looks == 2) {
                    try {
                        site.execute(statements);
                    } catch (java.sql.SQLException e) {
                        throw new IllegalStateException(e);
                    }
                }
                return super.stop();
            }
        };
    }

    @Test
    void looksAtEachRowAgainWhenItsBatchComes() throws Exception {
        family();
        FreeAttempt attempt = whenCounted(
                "UPDATE parents SET at = '" + NEW + "' WHERE id = 1",
                "INSERT INTO parents VALUES (4, '" + OLD + "', 'd')",
                "INSERT INTO children VALUES (21, 2, 'late'), (40, 4, 'd')");

        Done done = site.perform(Site.order(Site.archiving(parents()), Site.AS_OF), attempt);
        List<String> left = site.column("SELECT id FROM parents ORDER BY id");
        List<String> childrenLeft = site.column("SELECT id FROM children ORDER BY id");
        site.restore(receipt(done));

        assertThat(left).containsExactly("1", "3");
        assertThat(childrenLeft).containsExactly("10", "30");
        assertThat(site.column("SELECT id FROM parents ORDER BY id")).containsExactly("1", "2", "3", "4");
        assertThat(site.column("SELECT id FROM children ORDER BY id")).containsExactly("10", "20", "21", "30", "40");
    }

    @Test
    void keepsAReceiptOfRowsThatCameAfterNoneWasCounted() throws Exception {
        family();
        site.execute("DELETE FROM children WHERE parent < 3", "DELETE FROM parents WHERE id < 3");
        FreeAttempt attempt = whenCounted("INSERT INTO parents VALUES (4, '" + OLD + "', 'd')")
                .between(() -> {
                    throw new IllegalStateException("as if it died");
                });

        assertThat(catchThrowable(() -> site.perform(Site.order(Site.archiving(parents()), Site.AS_OF), attempt)))
                .hasMessage("as if it died");
        List<String> left = site.column("SELECT id FROM parents ORDER BY id");
        List<Path> receipts = files(Receipt.folder(site.directory, Site.ID));
        site.restore(receipts.get(0).getFileName().toString());

        assertThat(left).containsExactly("3");
        assertThat(site.column("SELECT id FROM parents ORDER BY id")).containsExactly("3", "4");
    }

    private static List<Path> files(Path folder) throws Exception {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void leavesNoFolderWhereNothingWasArchived() throws Exception {
        family();
        site.execute("UPDATE parents SET at = '" + NEW + "'");

        Done done = site.purge(Site.archiving(parents()));

        assertThat(done.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(files(Receipt.folder(site.directory, Site.ID))).isEmpty();
    }

    @Test
    void writesNothingInADryRun() throws Exception {
        family();
        String all = "SELECT id || body || at FROM parents UNION ALL SELECT id || body FROM children ORDER BY 1";
        List<String> before = site.column(all);

        Done done = site.dryRun(Site.archiving(parents()));

        assertThat(Site.rows(done)).isEqualTo(Map.of("parents", 2L, "children", 2L));
        assertThat(site.column(all)).isEqualTo(before);
        assertThat(site.directory).doesNotExist();
    }

    @Test
    void doesNothingMoreWhenTheSameCommandComesAgain() throws Exception {
        family();

        Done first = site.purge(Site.archiving(parents()));
        Done again = site.purge(Site.archiving(parents()));
        site.restore(receipt(again));

        assertThat(Site.rows(again)).isEqualTo(Site.rows(first));
        assertThat(receipt(again)).isEqualTo(receipt(first));
        assertThat(site.column("SELECT id FROM parents ORDER BY id")).containsExactly("1", "2", "3");
        assertThat(site.column("SELECT id FROM children ORDER BY id")).containsExactly("10", "20", "30");
    }

    @Test
    void followsSeveralRulesOfOneTableAndOfItsChildren() throws Exception {
        family();
        site.execute(
                "CREATE TABLE notes (id ${id}, at ${time}, parent ${big} REFERENCES parents)",
                "CREATE INDEX notes_by_parent ON notes (parent)",
                "INSERT INTO notes VALUES (1, '" + NEW + "', 1), (2, '" + NEW + "', 2), (3, '" + OLD + "', 3), (4, '"
                        + NEW + "', 3)");
        Condition b = new Condition(ColumnName.parse("body"), Condition.Operator.IN, List.of("b"));
        Purge.Rule soon =
                new Purge.Rule(parents().table(), parents().column(), Duration.ofDays(2), Optional.empty(), List.of(b));

        Done done = site.purge(Site.archiving(soon, Site.rule("notes", "at")));
        List<String> left = site.column("SELECT id FROM parents ORDER BY id");
        List<String> notesLeft = site.column("SELECT id FROM notes ORDER BY id");
        Done rest = site.purge(Site.archiving(parents(), soon));
        site.restore(receipt(rest));
        site.restore(receipt(done));

        assertThat(left).containsExactly("1", "3");
        assertThat(notesLeft).containsExactly("1", "4");
        assertThat(Site.rows(rest)).isEqualTo(Map.of("parents", 1L, "children", 1L, "notes", 1L));
        assertThat(site.column("SELECT id FROM notes ORDER BY id")).containsExactly("1", "2", "3", "4");
        assertThat(site.column("SELECT id FROM children ORDER BY id")).containsExactly("10", "20", "30");
    }

    @Test
    void leavesTheChildrenOfRowsThatAConditionKeeps() throws Exception {
        family();

        site.purge(Site.of(parents(new Condition(ColumnName.parse("body"), Condition.Operator.IN, List.of("b")))));

        assertThat(site.column("SELECT id FROM parents ORDER BY id")).containsExactly("1", "3");
        assertThat(site.column("SELECT id FROM children ORDER BY id")).containsExactly("10", "30");
    }

    @Test
    void takesZeroDatesForNoTime() throws Exception {
        site.execute(
                "CREATE TABLE events (id ${id}, at TEXT)",
                "INSERT INTO events VALUES (1, '0000-00-00'), (2, '0000-00-00 00:00:00'), (3, '2026-00-01T00:00:00Z'),"
                        + " (4, '2026-01-00'), (5, '2026-01-10'), (6, '2026-10-01 10:00:00'), (7, '2000-10-20 00:00:00')");

        site.purge(Site.of(BoundaryContract.rule("events", "at", Optional.of(Purge.TimeFormat.ISO_TEXT))));

        assertThat(site.column("SELECT id FROM events ORDER BY id")).containsExactly("1", "2", "3", "4", "6");
    }

    @Test
    void leavesDeclaredChildrenWithoutAWholeReference() throws Exception {
        site.with("databases.app.links[0]", "children(a, b) -> parents(a, b)");
        site.execute(
                "CREATE TABLE parents (a ${big}, b ${big}, at ${time}, UNIQUE (a, b))",
                "CREATE TABLE children (id ${id}, a ${big}, b ${big})",
                "CREATE INDEX by_parent ON children (a, b)",
                "INSERT INTO parents VALUES (1, 1, '" + OLD + "'), (1, NULL, '" + OLD + "'), (1, 2, '" + NEW + "')",
                "INSERT INTO children VALUES (1, 1, 1), (2, 1, NULL), (3, NULL, 1), (4, 1, 2), (5, NULL, NULL)");

        Done done = site.purge(Site.of(parents()));

        assertThat(Site.rows(done)).isEqualTo(Map.of("parents", 2L, "children", 1L));
        assertThat(site.column("SELECT id FROM children ORDER BY id")).containsExactly("2", "3", "4", "5");
    }

    @Test
    void refusesADeclaredLinkToColumnsThatSeveralRowsMayShare() throws Exception {
        site.with("databases.app.links[0]", "children(code) -> parents(code)");
        site.execute(
                "CREATE TABLE parents (id ${id}, at ${time}, code TEXT)",
                "CREATE TABLE children (id ${id}, code TEXT)",
                "CREATE INDEX by_code ON children (code)",
                "INSERT INTO parents VALUES (1, '" + OLD + "', 'x'), (2, '" + NEW + "', 'x')",
                "INSERT INTO children VALUES (1, 'x')");

        refuses(Site.of(parents()), Code.UNSUPPORTED, "links: ", "create a unique index on code");
        site.execute(
                "UPDATE parents SET code = 'y' WHERE id = 2", "CREATE UNIQUE INDEX parents_code ON parents (code)");
        Done done = site.purge(Site.of(parents()));

        assertThat(Site.rows(done)).isEqualTo(Map.of("parents", 1L, "children", 1L));
    }

    @Test
    void doesNotSetReferencesOfAProtectedTableToNull() throws Exception {
        site.with("databases.app.protect[0]", "children");
        site.execute(
                "CREATE TABLE parents (id ${id}, at ${time})",
                "CREATE TABLE children (id ${id}, parent ${big} REFERENCES parents ON DELETE SET NULL)",
                "INSERT INTO parents VALUES (1, '" + OLD + "')",
                "INSERT INTO children VALUES (1, 1)");

        refuses(Site.of(parents()), Code.GUARDRAIL, "children", "is protected");
        assertThat(site.column("SELECT parent FROM children")).containsExactly("1");
    }

    @Test
    void deletesNothingWhereSettingAReferenceToNullIsForbidden() throws Exception {
        site.execute(
                "CREATE TABLE parents (id ${id}, at ${time})",
                "CREATE TABLE children (id ${id}, parent ${big} REFERENCES parents ON DELETE SET NULL,"
                        + " other ${big}, CHECK (parent IS NOT NULL OR other IS NOT NULL))",
                "CREATE INDEX by_parent ON children (parent)",
                "INSERT INTO parents VALUES (1, '" + OLD + "')",
                "INSERT INTO children VALUES (1, 1, NULL)");

        Throwable failure = catchThrowable(() -> site.purge(Site.archiving(parents())));

        assertThat(failure).isInstanceOf(Failure.class);
        assertThat(((Failure) failure).reason().code()).isEqualTo(Code.CONSTRAINT);
        assertThat(site.column("SELECT id FROM parents")).containsExactly("1");
        assertThat(site.column("SELECT parent FROM children")).containsExactly("1");
    }

    @Test
    void isNotConfusedByTablesThatItCannotName() throws Exception {
        family();
        site.execute(
                "CREATE TABLE others (id ${id}, at ${time})",
                "CREATE TABLE \"a/b\" (id ${id}, other ${big} REFERENCES others)",
                "INSERT INTO others VALUES (1, '" + OLD + "')");

        Done done = site.purge(Site.of(parents()));

        assertThat(Site.rows(done)).isEqualTo(Map.of("parents", 2L, "children", 2L));
        refuses(Site.of(Site.rule("others", "at")), Code.UNSUPPORTED, "others <- ", "a/b");
    }

    @ParameterizedTest
    @EnumSource
    void bringsBackOddNames(Purge.Archive format) throws Exception {
        site.execute(
                "CREATE TABLE \"Größe: x-1.y #2\" (\"a \"\"q\"\" 'b' ?\" ${id}, \"select\" ${time}, \"\\%s,{}\" TEXT)",
                "INSERT INTO \"Größe: x-1.y #2\" VALUES (1, '" + OLD + "', 'a'), (2, '" + OLD + "', NULL), (3, '" + NEW
                        + "', 'c')");
        String all = "SELECT \"a \"\"q\"\" 'b' ?\" || coalesce(\"\\%s,{}\", '-') FROM \"Größe: x-1.y #2\" ORDER BY 1";

        Done done = site.purge(Site.archiving(format, Site.rule("\"Größe: x-1.y #2\"", "select")));
        List<String> left = site.column(all);
        site.restore(receipt(done));

        assertThat(left).containsExactly("3c");
        assertThat(site.column(all)).containsExactly("1a", "2-", "3c");
    }

    @Test
    void bringsRowsWithoutAKeyBackOnce() throws Exception {
        site.with("batch-rows", "4").with("batch-duration", "PT10S");
        site.execute(
                "CREATE TABLE parents (id ${id}, at ${time})",
                "CREATE TABLE lines (parent ${big} REFERENCES parents, body TEXT)",
                "CREATE INDEX by_parent ON lines (parent)");
        for (int i = 1; i <= 12; i++) {
            site.execute(
                    "INSERT INTO parents VALUES (" + i + ", '" + OLD + "')",
                    "INSERT INTO lines VALUES (" + i + ", 'twin'), (" + i + ", 'twin')");
        }
        String receipt = receipt(site.purge(Site.archiving(parents())));

        site.restore(receipt);
        Done again = site.restore(receipt);
        site.execute("DELETE FROM lines WHERE parent = 1", "DELETE FROM parents WHERE id = 1");
        site.restore(receipt);

        assertThat(again.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(site.column("SELECT count(*) FROM lines")).containsExactly("22");
        assertThat(site.column("SELECT count(*) FROM parents")).containsExactly("12");
    }

    @Test
    void saysWhenAKeyBelongsToAnotherRowNow() throws Exception {
        family();
        String receipt = receipt(site.purge(Site.archiving(parents())));
        site.execute("INSERT INTO parents VALUES (1, '" + NEW + "', 'another')");

        Done done = site.restore(receipt);
        Done again = site.restore(receipt);

        assertThat(site.column("SELECT body FROM parents ORDER BY id")).containsExactly("another", "b", "c");
        assertThat(done.findings())
                .filteredOn(finding -> finding.check().equals("restored-key-taken"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.object()).endsWith("parents");
                    assertThat(finding.value()).isEqualTo("1 rows");
                });
        assertThat(again.findings()).extracting(Finding::check).containsExactly("restored-key-taken");
    }

    @Test
    void bringsBackNoBatchWhoseParentIsMissing() throws Exception {
        site.execute(
                "CREATE TABLE owners (id ${id})",
                "CREATE TABLE parents (id ${id}, at ${time}, owner ${big} REFERENCES owners)",
                "INSERT INTO owners VALUES (1), (2)",
                "INSERT INTO parents VALUES (1, '" + OLD + "', 1), (2, '" + OLD + "', 2)");
        String receipt = receipt(site.purge(Site.archiving(parents())));
        site.execute("DELETE FROM owners WHERE id = 1");

        assertThat(catchThrowable(() -> site.restore(receipt)).getMessage()).containsIgnoringCase("foreign key");
        List<String> without = site.column("SELECT id FROM parents");
        site.execute("INSERT INTO owners VALUES (1)");
        site.restore(receipt);

        assertThat(without).isEmpty();
        assertThat(site.column("SELECT id FROM parents ORDER BY id")).containsExactly("1", "2");
    }

    @Test
    void refusesAnArchiveWhoseListWasCutShort() throws Exception {
        site.with("batch-rows", "4").with("batch-duration", "PT10S");
        family();
        for (int i = 100; i < 120; i++) {
            site.execute("INSERT INTO parents VALUES (" + i + ", '" + OLD + "', 'x')");
        }
        String receipt = receipt(site.purge(Site.archiving(parents())));
        Path list = archive(receipt).resolve(ArchiveLog.NAME);
        List<String> lines = Files.readAllLines(list);
        Files.write(list, lines.subList(0, lines.size() - 1));

        Throwable cut = catchThrowable(() -> site.restore(receipt));
        Files.delete(list);
        Throwable missing = catchThrowable(() -> site.restore(receipt));
        Files.write(list, lines);
        site.restore(receipt);

        assertThat(lines).hasSizeGreaterThan(1);
        assertThat(cut).hasMessageContaining("batches.jsonl leads to");
        assertThat(missing).hasMessageContaining("batches.jsonl leads to 0");
        assertThat(site.column("SELECT count(*) FROM parents")).containsExactly("23");
    }
}
