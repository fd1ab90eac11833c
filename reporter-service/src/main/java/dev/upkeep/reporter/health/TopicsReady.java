package dev.upkeep.reporter.health;

import dev.upkeep.reporter.intake.IntakeService;
import dev.upkeep.reporter.kafka.NeededTopics;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when every topic is there and the intake reads; says what is missing otherwise. */
@Readiness
@Singleton
final class TopicsReady implements HealthCheck {
    private final NeededTopics topics;
    private final IntakeService intake;

    @Inject
    TopicsReady(NeededTopics topics, IntakeService intake) {
        this.topics = topics;
        this.intake = intake;
    }

    @Override
    public HealthCheckResponse call() {
        Optional<String> problem = topics.problem().or(intake::problem);
        var response = HealthCheckResponse.named("kafka").status(problem.isEmpty());
        problem.ifPresent(text -> response.withData("problem", text));
        return response.build();
    }
}
