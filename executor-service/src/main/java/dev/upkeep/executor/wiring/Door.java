package dev.upkeep.executor.wiring;

import dev.upkeep.common.access.Problem;
import dev.upkeep.common.access.TokenFile;
import dev.upkeep.common.access.Tokens;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
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

    private final Optional<TokenFile> tokens;

    Door(HttpConfig config, @ConfigProperty(name = "quarkus.http.host") String host) {
        this.tokens = config.tokenFile().map(file -> TokenFile.open(KEY, file));
        Tokens.demand(tokens, host, KEY);
    }

    void stand(@Observes Filters filters) {
        tokens.ifPresent(known -> filters.register(call -> check(call, known), FIRST));
    }

    void measure(@Observes StartupEvent started, MeterRegistry metrics) {
        Gauge.builder("upkeep_executor_token_file_stale", this, Door::stale)
                .description("Whether the token file has changed and was not taken")
                .register(metrics);
    }

    private int stale() {
        return tokens.flatMap(TokenFile::problem).isPresent() ? 1 : 0;
    }

    private static void check(RoutingContext call, TokenFile tokens) {
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
