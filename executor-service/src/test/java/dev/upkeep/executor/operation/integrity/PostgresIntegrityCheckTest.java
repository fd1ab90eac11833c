package dev.upkeep.executor.operation.integrity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.IntegrityCheck;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PostgresIntegrityCheckTest {
    private final PostgresFixture database = PostgresFixture.create();
    private final PostgresIntegrityCheck integrity = new PostgresIntegrityCheck();
    private final IntegrityCheck quick = new IntegrityCheck(Optional.empty(), List.of());
    private final IntegrityCheck full = new IntegrityCheck(Optional.of(IntegrityCheck.Depth.FULL), List.of());

    private static IntegrityCheck.Report report(Done done) {
        return (IntegrityCheck.Report) done.report().orElseThrow();
    }

    @Test
    void findsNoDamageInASoundDatabaseAndSaysWhatItCannotSee() throws Exception {
        database.sql("CREATE TABLE \"Sound\" (id int PRIMARY KEY, body text)", "INSERT INTO \"Sound\" VALUES (1, 'x')");

        Done done = database.perform(integrity, full);

        assertThat(report(done).problems()).isZero();
        assertThat(report(done).objects()).isEqualTo(2);
        assertThat(PostgresFixture.of(done, "amcheck-missing")).hasSize(1);
    }

    @Test
    void findsAnIndexThatDoesNotMatchItsTable() throws Exception {
        assumeTrue(
                !database.value("SELECT name FROM pg_available_extensions WHERE name = 'amcheck'")
                        .equals("no row"),
                "the server has no amcheck");
        database.sql(
                "CREATE EXTENSION amcheck",
                "CREATE TABLE hurt (id int, body text)",
                "INSERT INTO hurt SELECT g, 'x' FROM generate_series(1, 100) g",
                "CREATE FUNCTION public.lies(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1'",
                "CREATE INDEX hurt_lies ON hurt (public.lies(id))",
                "CREATE OR REPLACE FUNCTION public.lies(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT -$1'");

        Done shallow = database.perform(integrity, quick);
        Done deep = database.perform(integrity, full);
        database.sql("REINDEX INDEX hurt_lies");
        Done mended = database.perform(integrity, full);

        assertThat(report(shallow).problems()).isZero();
        assertThat(PostgresFixture.of(deep, "damaged-index")).singleElement().satisfies(finding -> {
            assertThat(finding.object()).isEqualTo("public.hurt_lies");
            assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
        });
        assertThat(report(mended).problems()).isZero();
        assertThat(mended.findings()).extracting(Finding::check).doesNotContain("not-looked");
    }
}
