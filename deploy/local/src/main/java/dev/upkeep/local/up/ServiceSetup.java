package dev.upkeep.local.up;

import dev.upkeep.local.server.LocalFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How a service is run.
 *
 * @param name scheduler, executor or reporter
 * @param jar its {@code quarkus-run.jar}
 * @param configuration its generated configuration
 * @param log the file that its output goes to
 * @param port for its API, health and metrics
 * @param jvm options of the Java virtual machine
 */
record ServiceSetup(String name, Path jar, Path configuration, Path log, int port, List<String> jvm) {
    ServiceSetup {
        jvm = List.copyOf(jvm);
        if (!Files.exists(jar)) {
            throw new LocalFailure(
                    LocalFailure.Code.NO_PROGRAM,
                    "the %s is not built: %s is missing (./mvnw -DskipTests package builds it)".formatted(name, jar));
        }
    }
}
