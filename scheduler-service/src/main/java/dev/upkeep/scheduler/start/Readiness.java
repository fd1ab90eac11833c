package dev.upkeep.scheduler.start;

import dev.upkeep.common.wire.EnumText;
import dev.upkeep.scheduler.leader.Replica;
import dev.upkeep.scheduler.leader.Standing;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/** Ready as leader or standby; else says what is missing. */
@org.eclipse.microprofile.health.Readiness
@ApplicationScoped
class Readiness implements HealthCheck {
    private final Replica replica;

    Readiness(Replica replica) {
        this.replica = replica;
    }

    @Override
    public HealthCheckResponse call() {
        Standing standing = replica.standing();
        HealthCheckResponseBuilder answer = HealthCheckResponse.named("scheduler")
                .status(standing.role() != Standing.Role.STARTING)
                .withData("role", EnumText.of(standing.role()));
        standing.problem().ifPresent(problem -> answer.withData("problem", problem));
        return answer.build();
    }
}
