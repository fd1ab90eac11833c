package dev.upkeep.executor.operation.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.task.HealthCheck;
import dev.upkeep.executor.database.PostgresAddress;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.postgres.PostgresFixture;
import java.sql.Connection;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PostgresHealthTest {
    private final PostgresFixture database = PostgresFixture.create();
    private final PostgresHealth health = new PostgresHealth(ExecutorThresholds.none(), new HealthMemory());

    @Test
    void looksEverythingOverInOneSession() throws Exception {
        database.sql("CREATE TABLE \"Mixed Case\" (id int PRIMARY KEY)");

        Done done = database.perform(health, HealthCheck.quick());

        HealthCheck.Report report = (HealthCheck.Report) done.report().orElseThrow();
        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(PostgresFixture.of(done, "not-looked")).isEmpty();
        assertThat(report.checks()).isGreaterThanOrEqualTo(30);
        assertThat(report.facts()).containsEntry("role", "primary").containsKey("connections by user");
        assertThat(done.measurements())
                .extracting(Measurement::name)
                .contains("round_trip", "database_size", "connections_used", "xid_age", "table_size");
    }

    @Test
    void saysThatADatabaseCannotBeReached() throws Exception {
        PostgresDatabase down = new PostgresDatabase(
                new DatabaseId("gone"),
                Map.of(),
                new PostgresAddress("127.0.0.1", 1, "gone"),
                "nobody",
                Optional::empty,
                Map.of());

        Done done = health.perform(PostgresFixture.order(HealthCheck.quick(), false), down, CalmAttempt.inHaste());

        assertThat(done.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(done.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.check()).isEqualTo("reachable");
            assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
            assertThat(finding.advice()).contains("127.0.0.1:1/gone");
        });
    }

    @Test
    void showsWhereALimitComesFrom() throws Exception {
        HealthCheck strict = new HealthCheck(
                Optional.empty(),
                Map.of("connections", new HealthCheck.Limits(Optional.of(0.000_1), Optional.empty())));
        ExecutorThresholds own = new ExecutorThresholds(
                Map.of("connections", new HealthCheck.Limits(Optional.of(0.5), Optional.of(0.999))), Map.of());

        Done done = database.perform(new PostgresHealth(own, new HealthMemory()), strict);

        Finding finding = PostgresFixture.of(done, "connections").get(0);
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.origin()).isEqualTo("policy");
        HealthCheck.Report report = (HealthCheck.Report) done.report().orElseThrow();
        assertThat(report.facts().get("limits of connections"))
                .isEqualTo("warning 0.01 % (policy), critical 99.9 % (executor)");
    }

    @Test
    void refusesALimitOfACheckThatDoesNotExist() throws Exception {
        HealthCheck task = new HealthCheck(
                Optional.empty(), Map.of("conections", new HealthCheck.Limits(Optional.of(1.0), Optional.empty())));

        Done done = database.perform(health, task);

        assertThat(done.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(done.reason().orElseThrow().message()).contains("conections", "connections");
    }

    @Test
    void doesNotWaitForATableThatIsLocked() throws Exception {
        database.sql("CREATE TABLE locked (id int PRIMARY KEY)", "CREATE INDEX ON locked (id)");
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            PostgresFixture.run(other, "LOCK TABLE locked IN ACCESS EXCLUSIVE MODE");

            Done done = database.perform(health, HealthCheck.quick());

            assertThat(PostgresFixture.of(done, "not-looked")).isEmpty();
            other.rollback();
        }
    }
}
