package dev.upkeep.reporter.health;

import dev.upkeep.reporter.intake.IntakeService;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready while every topic is there and the intake reads them; says what is missing otherwise. */
@Readiness
@Singleton
final class TopicsReady implements HealthCheck {
    private final IntakeService intake;

    @Inject
    TopicsReady(IntakeService intake) {
        this.intake = intake;
    }

    @Override
    public HealthCheckResponse call() {
        Optional<String> problem = intake.problem();
        var response = HealthCheckResponse.named("kafka").status(problem.isEmpty());
        problem.ifPresent(text -> response.withData("problem", text));
        return response.build();
    }
}
