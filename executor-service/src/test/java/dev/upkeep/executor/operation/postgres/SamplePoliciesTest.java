package dev.upkeep.executor.operation.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.result.Finding;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.assess.PostgresAssess;
import dev.upkeep.executor.operation.autovacuum.PostgresTuneAutovacuum;
import dev.upkeep.executor.operation.health.ExecutorThresholds;
import dev.upkeep.executor.operation.health.HealthMemory;
import dev.upkeep.executor.operation.health.PostgresHealth;
import dev.upkeep.executor.operation.index.PostgresEnsureIndexes;
import dev.upkeep.executor.operation.index.PostgresIndexHealth;
import dev.upkeep.executor.operation.partitions.PostgresMaintainPartitions;
import dev.upkeep.executor.operation.purge.TestPartitionArchive;
import dev.upkeep.executor.operation.reindex.PostgresReindex;
import dev.upkeep.executor.operation.sessions.PostgresCancelQueries;
import dev.upkeep.executor.operation.sessions.PostgresTerminateIdle;
import dev.upkeep.executor.operation.vacuum.PostgresVacuum;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The systems that run on Upkeep as policies: each PostgreSQL task of each sample is done as it stands, on that system's tables. */
class SamplePoliciesTest {
    private static final Path FOLDER = Path.of("../deploy/policies");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private final PostgresFixture database = PostgresFixture.create();
    private final Map<Class<?>, Operation<?, PostgresDatabase>> operations = Stream.<Operation<?, PostgresDatabase>>of(
                    new PostgresHealth(ExecutorThresholds.none(), new HealthMemory(), Optional.empty()),
                    new PostgresAssess(),
                    new PostgresVacuum(),
                    new PostgresReindex(),
                    new PostgresIndexHealth(),
                    new PostgresEnsureIndexes(),
                    new PostgresTuneAutovacuum(),
                    new PostgresMaintainPartitions(TestPartitionArchive.in(Path.of("archives"))),
                    new PostgresTerminateIdle(),
                    new PostgresCancelQueries())
            .collect(Collectors.toMap(Operation::task, Function.identity()));

    private List<Done> run(String policy) throws Exception {
        List<Done> all = new ArrayList<>();
        for (JsonNode node : YAML.readTree(Files.readString(FOLDER.resolve(policy + ".yaml")))
                .get("tasks")) {
            Task task = Wire.read(node, Step.class).task();
            Done done = perform(operations.get(task.getClass()), task);
            assertThat(done.outcome().isGood())
                    .as("%s of %s: %s", task.name(), policy, done.reason())
                    .isTrue();
            all.add(done);
        }
        return all;
    }

    private <T extends Task> Done perform(Operation<T, PostgresDatabase> operation, Task task) throws Exception {
        return database.perform(operation, operation.task().cast(task));
    }

    @Test
    void carryATelemetryPlatform() throws Exception {
        database.sql(
                "CREATE TABLE events_seen (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, created_at timestamptz NOT NULL)",
                "INSERT INTO events_seen (created_at) SELECT now() - g * interval '1 hour' FROM generate_series(0, 160) g",
                "CREATE TABLE agg_1m (window_start_ts timestamptz NOT NULL, source text NOT NULL, n bigint,"
                        + " PRIMARY KEY (window_start_ts, source)) PARTITION BY RANGE (window_start_ts)",
                "SET timezone = 'UTC'",
                "DO $$ BEGIN FOR i IN 0..6 LOOP EXECUTE format('CREATE TABLE %I PARTITION OF agg_1m FOR VALUES FROM (%L) TO (%L)',"
                        + " 'agg_1m_' || i, date_trunc('month', now()) - make_interval(months => i),"
                        + " date_trunc('month', now()) - make_interval(months => i - 1)); END LOOP; END $$",
                "INSERT INTO agg_1m SELECT now() - g * interval '1 day', 'probe', 1 FROM generate_series(0, 170) g");

        run("telemetry-partitions");
        List<Finding> findings = run("telemetry-retention").get(1).findings();

        assertThat(database.value("SELECT min(window_start_ts) > now() - interval '122 days' FROM agg_1m"))
                .isEqualTo("t");
        assertThat(database.value("SELECT count(*) FROM agg_1m WHERE window_start_ts > now() - interval '89 days'"))
                .isEqualTo("89");
        assertThat(database.value("SELECT reloptions FROM pg_class WHERE relname = 'events_seen'"))
                .contains("0.02");
        assertThat(findings).extracting(Finding::check).doesNotContain("retention", "partition-headroom");
    }

    @Test
    void carryAnAiBackEnd() throws Exception {
        database.sql(
                "CREATE TABLE prompts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text) WITH (autovacuum_enabled = off)",
                "CREATE TABLE answers (id bigint PRIMARY KEY, prompt_id bigint REFERENCES prompts)",
                "INSERT INTO prompts (body) SELECT 'x' FROM generate_series(1, 5000)",
                "DELETE FROM prompts WHERE id % 2 = 0");

        run("ai-weekly-vacuum");
        List<Finding> findings = run("ai-monthly-indexes").get(0).findings();
        run("ai-connections");
        run("ai-slow-queries");

        assertThat(database.value("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'prompts'"))
                .isEqualTo("0");
        assertThat(findings).extracting(Finding::check).contains("index-foreign-key-without-index");
    }

    @Test
    void carryOracleOperations() throws Exception {
        database.sql(
                "CREATE TABLE epochs (id bigint PRIMARY KEY)",
                "CREATE TABLE channels (id bigint PRIMARY KEY, epoch_id bigint REFERENCES epochs)",
                "CREATE TABLE proofs (channel_id bigint, body text) WITH (autovacuum_enabled = off)",
                "INSERT INTO proofs SELECT g, 'x' FROM generate_series(1, 250000) g",
                "DELETE FROM proofs WHERE channel_id % 2 = 0");

        List<Finding> before = run("oracle-health").get(0).findings();
        run("oracle-vacuum");
        List<Finding> after = run("oracle-health").get(0).findings();
        run("oracle-alerts");

        assertThat(before).extracting(Finding::check).contains("missing-primary-key", "dead-rows");
        assertThat(after)
                .extracting(Finding::check)
                .contains("missing-primary-key")
                .doesNotContain("dead-rows");
    }
}
