package dev.upkeep.executor.care;

import static dev.upkeep.executor.operation.sqlite.Application.order;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.analyze.SqliteAnalyze;
import dev.upkeep.executor.operation.assess.SqliteAssess;
import dev.upkeep.executor.operation.checkpoint.SqliteCheckpoint;
import dev.upkeep.executor.operation.health.ExecutorThresholds;
import dev.upkeep.executor.operation.health.HealthMemory;
import dev.upkeep.executor.operation.health.SqliteHealth;
import dev.upkeep.executor.operation.index.SqliteEnsureIndexes;
import dev.upkeep.executor.operation.integrity.SqliteIntegrityCheck;
import dev.upkeep.executor.operation.lease.SqliteReleaseLeases;
import dev.upkeep.executor.operation.optimize.SqliteOptimize;
import dev.upkeep.executor.operation.reindex.SqliteReindex;
import dev.upkeep.executor.operation.sqlite.Application;
import dev.upkeep.executor.operation.vacuum.SqliteVacuum;
import dev.upkeep.local.sample.SqliteSample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The sample policies of systems 1 and 4, read from deploy/ as they are: each task of theirs that cares for the file ends well. */
class SamplePoliciesTest {
    private static final Path POLICIES = Path.of("../deploy/local/policies");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final List<Operation<? extends Task, SqliteDatabase>> OPERATIONS = List.of(
            new SqliteHealth(ExecutorThresholds.none(), new HealthMemory(), id -> Optional.empty()),
            new SqliteAssess(),
            new SqliteAnalyze(),
            new SqliteCheckpoint(),
            new SqliteVacuum(),
            new SqliteReindex(),
            new SqliteEnsureIndexes(),
            new SqliteIntegrityCheck(),
            new SqliteReleaseLeases(),
            new SqliteOptimize(new SqliteCheckpoint(), new SqliteAnalyze(), new SqliteVacuum()));

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(SqliteSample.class)
    void eachTaskEndsWell(SqliteSample sample) throws Exception {
        sample.create(folder, Application.NOW);
        SqliteDatabase database = Application.database(folder.resolve(sample.fileName()));
        String system = "system=" + sample.name().toLowerCase(Locale.ROOT);
        int done = 0;

        try (var files = Files.list(POLICIES)) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                JsonNode policy = YAML.readTree(file.toFile());
                if (policy.path("select").path("labels").toString().contains(system)) {
                    done += all(policy, database);
                }
            }
        }

        assertThat(done).isGreaterThanOrEqualTo(5);
        try (Application application = new Application(database.file())) {
            assertThat(application.text("PRAGMA integrity_check")).isEqualTo("ok");
        }
    }

    private static int all(JsonNode policy, SqliteDatabase database) throws Exception {
        int done = 0;
        for (JsonNode step : policy.path("tasks")) {
            ObjectNode parameters = step.deepCopy();
            parameters.remove("onFailure");
            Task task = Wire.read(Wire.write(parameters), Task.class);
            for (Operation<? extends Task, SqliteDatabase> operation : OPERATIONS) {
                if (operation.task().isInstance(task)) {
                    endsWell(operation, task, database, policy.path("name").asText());
                    done++;
                }
            }
        }
        return done;
    }

    private static <T extends Task> void endsWell(
            Operation<T, SqliteDatabase> operation, Task task, SqliteDatabase database, String policy)
            throws Exception {
        Order<T> order = order(operation.task().cast(task));
        Done done = operation.perform(order, database, new CalmAttempt());

        assertThat(done.outcome())
                .as("%s of policy %s: %s", task.name(), policy, done.reason())
                .isIn(Outcome.SUCCEEDED, Outcome.NOTHING_TO_DO);
    }
}
