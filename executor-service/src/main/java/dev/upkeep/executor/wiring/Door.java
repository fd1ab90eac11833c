package dev.upkeep.executor.wiring;

import dev.upkeep.common.access.Problem;
import dev.upkeep.common.access.Tokens;
import dev.upkeep.executor.trust.Trust;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Lets callers in: on loopback everybody, beyond it only those who bring a token, of any role since there is nothing to change.
 * Without a token it does not open beyond loopback. Thread-safe.
 */
@ApplicationScoped
public class Door {
    private static final int FIRST = 1_000;
    private static final String KEY = "upkeep.http.token-file";

    private final Optional<Tokens> tokens;

    Door(HttpConfig config, @ConfigProperty(name = "quarkus.http.host") String host) {
        config.tokenFile().ifPresent(file -> Trust.demandSecret(KEY, file));
        this.tokens = config.tokenFile().map(file -> Tokens.read(KEY, file));
        Tokens.demand(tokens, host, KEY);
    }

    void stand(@Observes Filters filters) {
        tokens.ifPresent(known -> filters.register(call -> check(call, known), FIRST));
    }

    private static void check(RoutingContext call, Tokens tokens) {
        if (tokens.role(call.request().getHeader("Authorization")).isPresent()) {
            call.next();
        } else {
            Problem problem = Problem.unauthorized();
            call.response()
                    .setStatusCode(problem.status())
                    .putHeader("WWW-Authenticate", "Bearer")
                    .putHeader("Content-Type", Problem.MEDIA_TYPE)
                    .end(problem.json());
        }
    }
}
