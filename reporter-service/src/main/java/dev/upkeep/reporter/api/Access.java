package dev.upkeep.reporter.api;

import dev.upkeep.common.access.Problem;
import dev.upkeep.common.access.Role;
import dev.upkeep.common.access.TokenFile;
import dev.upkeep.common.access.Tokens;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Lets in who brings a token whose role covers the call, if there are tokens; refuses to listen beyond this host without one.
 * Thread-safe.
 */
@Singleton
final class Access {
    private static final int BEFORE_ALL_ELSE = 10_000;
    private static final String KEY = "upkeep.api.token-file";

    private final String host;
    private final Optional<TokenFile> tokens;

    @Inject
    Access(ApiConfig config, @ConfigProperty(name = "quarkus.http.host") String host) {
        this.host = host;
        this.tokens = config.tokenFile().map(file -> TokenFile.open(KEY, file));
    }

    void start(@Observes @Priority(1) StartupEvent started) {
        Tokens.demand(tokens, host, KEY);
    }

    void filters(@Observes Filters filters) {
        tokens.ifPresent(known -> filters.register(call -> check(call, known), BEFORE_ALL_ELSE));
    }

    void measure(@Observes StartupEvent started, MeterRegistry metrics) {
        Gauge.builder("upkeep_reporter_token_file_stale", this, Access::stale)
                .description("Whether the token file has changed and was not taken")
                .register(metrics);
    }

    private int stale() {
        return tokens.flatMap(TokenFile::problem).isPresent() ? 1 : 0;
    }

    private static void check(RoutingContext call, TokenFile tokens) {
        Optional<Role> role = tokens.role(call.request().getHeader(HttpHeaders.AUTHORIZATION));
        Role needed = Role.forMethod(call.request().method().name());
        if (call.normalizedPath().startsWith("/q/health")) {
            call.next();
        } else if (role.isEmpty()) {
            call.response().putHeader("WWW-Authenticate", "Bearer");
            refuse(call, Problem.unauthorized());
        } else if (!role.get().covers(needed)) {
            refuse(call, Problem.forbidden(Problem.lacking(role.get(), needed, "this call")));
        } else {
            call.next();
        }
    }

    private static void refuse(RoutingContext call, Problem problem) {
        call.response()
                .setStatusCode(problem.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .end(problem.json());
    }
}
