package dev.upkeep.executor.wiring;

import dev.upkeep.executor.database.Databases;
import dev.upkeep.executor.fence.Fences;
import dev.upkeep.executor.run.Host;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** The executor as an application: built from configuration when it starts, closed when it stops. */
@ApplicationScoped
public class Application {
    private static final Logger LOG = Logger.getLogger(Application.class);

    private final ExecutorConfig executor;
    private final KafkaConfig kafka;
    private final GuardrailsConfig guardrails;
    private final Fleet fleet;
    private final Work work;
    private final String version;
    private Optional<ExecutorCore> core = Optional.empty();

    Application(
            ExecutorConfig executor,
            KafkaConfig kafka,
            GuardrailsConfig guardrails,
            Fleet fleet,
            Work work,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.executor = executor;
        this.kafka = kafka;
        this.guardrails = guardrails;
        this.fleet = fleet;
        this.work = work;
        this.version = version;
    }

    void start(@Observes StartupEvent event, MeterRegistry metrics) {
        if (Boolean.getBoolean(Main.SHELL)) {
            return;
        }
        ConfigFiles.check(ConfigProvider.getConfig());
        ExecutorSettings settings = Configuration.settings(executor, kafka, version);
        Databases all = fleet.databases();
        Host host = new Host(
                settings.executor(),
                Clock.systemUTC(),
                all,
                work.catalogue(),
                work.governor(),
                new Fences(settings.executor()));
        ExecutorCore built = new ExecutorCore(
                settings,
                host,
                Configuration.guardrails(guardrails, settings.data()),
                Configuration.verifier(guardrails),
                work.tools(),
                fleet::look);
        built.start();
        core = Optional.of(built);
        measure(metrics, built);
        LOG.infof(
                "executor %s cares for %d databases; journal in %s",
                settings.executor(), all.all().size(), settings.data());
    }

    private static void measure(MeterRegistry metrics, ExecutorCore core) {
        Gauge.builder("upkeep_executor_commands_waiting", core, c -> c.figures().waiting())
                .description("Commands that wait for their turn")
                .register(metrics);
        Gauge.builder("upkeep_executor_commands_running", core, c -> c.figures().running())
                .description("Commands that are being carried out")
                .register(metrics);
        Gauge.builder(
                        "upkeep_executor_results_unpublished",
                        core,
                        c -> c.figures().unpublished())
                .description("Results and dead letters that the broker does not have yet")
                .register(metrics);
        FunctionCounter.builder(
                        "upkeep_executor_results_oversized",
                        core,
                        c -> c.figures().oversized())
                .description("Results and dead letters that were too large for the broker")
                .register(metrics);
        Gauge.builder("upkeep_executor_ready", core, c -> c.problems().isEmpty() ? 1 : 0)
                .description("Whether commands are taken and results published")
                .register(metrics);
    }

    /** What keeps it from its work. */
    List<String> problems() {
        return core.map(ExecutorCore::problems).orElse(List.of("the executor has not started"));
    }

    void stop(@Observes ShutdownEvent event) {
        core.ifPresent(ExecutorCore::close);
    }
}
