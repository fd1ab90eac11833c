package dev.upkeep.reporter.health;

import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.history.HistoryFailure;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the history can be read. */
@Readiness
@Singleton
final class HistoryReady implements HealthCheck {
    private final History history;

    @Inject
    HistoryReady(History history) {
        this.history = history;
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("history");
        try {
            history.read(session -> session.number("SELECT 1"));
            return response.up().build();
        } catch (HistoryFailure e) {
            return response.down()
                    .withData("problem", String.valueOf(e.getMessage()))
                    .build();
        }
    }
}
