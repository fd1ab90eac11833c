package dev.upkeep.executor.wiring;

import dev.upkeep.executor.fence.Fences;
import dev.upkeep.executor.run.Host;
import dev.upkeep.executor.shell.Shell;
import io.quarkus.runtime.QuarkusApplication;
import java.time.Clock;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;

/** One task from the shell, with the configuration of the service. */
public class ShellApplication implements QuarkusApplication {
    private final ExecutorConfig executor;
    private final KafkaConfig kafka;
    private final GuardrailsConfig guardrails;
    private final Fleet fleet;
    private final Work work;

    ShellApplication(ExecutorConfig executor, KafkaConfig kafka, GuardrailsConfig guardrails, Fleet fleet, Work work) {
        this.executor = executor;
        this.kafka = kafka;
        this.guardrails = guardrails;
        this.fleet = fleet;
        this.work = work;
    }

    @Override
    @SuppressWarnings("SystemOut") // a command line tool prints
    public int run(String... arguments) {
        ConfigFiles.check(ConfigProvider.getConfig());
        ExecutorSettings settings = Configuration.settings(executor, kafka, "shell");
        fleet.look();
        Host host = new Host(
                settings.executor(),
                Clock.systemUTC(),
                fleet.databases(),
                work.catalogue(),
                work.governor(),
                new Fences(settings.executor()));
        Shell shell = new Shell(
                host,
                Configuration.guardrails(guardrails, settings.data()),
                settings.run().retry(),
                System.out,
                System.err);
        return shell.run(List.of(arguments));
    }
}
