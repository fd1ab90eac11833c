package dev.upkeep.executor.wiring;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

/** Ready when the topics are there, commands are taken and results go out; else it says what is in the way. */
@org.eclipse.microprofile.health.Readiness
@ApplicationScoped
public class Readiness implements HealthCheck {
    private final Application application;

    Readiness(Application application) {
        this.application = application;
    }

    @Override
    public HealthCheckResponse call() {
        List<String> problems = application.problems();
        return HealthCheckResponse.named("executor")
                .status(problems.isEmpty())
                .withData("problems", String.join("; ", problems))
                .build();
    }
}
