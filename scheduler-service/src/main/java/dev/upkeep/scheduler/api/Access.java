package dev.upkeep.scheduler.api;

import dev.upkeep.common.access.Problem;
import dev.upkeep.common.access.Role;
import dev.upkeep.common.access.TokenFile;
import dev.upkeep.common.access.Tokens;
import dev.upkeep.scheduler.leader.World;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * The door of the service: refuses to start on an address that others can reach if there is no token, asks callers for a token
 * whose role covers the call, and takes only so many changing calls per minute. Where there is no token everybody on this host is
 * an admin, except web pages from elsewhere, which a browser on this host may have been led to. Thread-safe.
 *
 * <p>What is not plainly reading needs an operator, so that a new endpoint is closed until somebody opens it.
 */
@Singleton
final class Access {
    private static final int FIRST = 20_000;
    private static final String KEY = "upkeep.api.token-file";
    private static final String ROLE = "upkeep.role";
    private static final Set<String> CHANGING_NOTHING = Set.of("/api/requests/preview");

    private final String host;
    private final Optional<TokenFile> tokens;
    private final ChangeLimit limit;

    Access(ApiConfig config, @ConfigProperty(name = "quarkus.http.host") String host) {
        this.host = host;
        this.tokens = config.tokenFile().map(file -> TokenFile.open(KEY, file));
        this.limit = new ChangeLimit(config.changesPerMinute(), Clock.systemUTC());
    }

    void begin(@Observes @Priority(1) StartupEvent event) {
        Tokens.demand(tokens, host, KEY);
    }

    void measure(@Observes StartupEvent event, World world) {
        world.metrics()
                .level(
                        "token.file.stale",
                        "Whether the token file has changed and was not taken",
                        () -> tokens.flatMap(TokenFile::problem).isPresent() ? 1 : 0);
    }

    void filter(@Observes Filters filters) {
        filters.register(this::admit, FIRST);
    }

    /** The role that every call of this method and path needs; what is in the call may ask for more. */
    static Role needed(String method, String path) {
        return CHANGING_NOTHING.contains(path) ? Role.VIEWER : Role.forMethod(method);
    }

    /** The role of the caller; empty if the call did not come through this door. */
    static Optional<Role> role(RoutingContext call) {
        return Optional.ofNullable(call.get(ROLE));
    }

    private void admit(RoutingContext call) {
        if (call.normalizedPath().startsWith("/q/health")) {
            call.next();
            return;
        }
        String method = call.request().method().name();
        Optional<Role> role = tokens.isEmpty()
                ? Optional.of(Role.ADMIN)
                : tokens.get().role(call.request().getHeader("Authorization"));
        Role needed = needed(method, call.normalizedPath());
        if (role.isEmpty()) {
            call.response().putHeader("WWW-Authenticate", "Bearer");
            refuse(call, Problem.unauthorized());
        } else if (!role.get().covers(needed)) {
            refuse(call, Problem.forbidden(Problem.lacking(role.get(), needed, "this call")));
        } else if (tokens.isEmpty()
                && !isReading(method)
                && isFromElsewhere(call.request().getHeader("Origin"))) {
            refuse(call, Problem.forbidden("Calls of web pages from other hosts are taken only with a token."));
        } else if (!isReading(method) && !limit.admits()) {
            call.response().putHeader("Retry-After", "60");
            refuse(
                    call,
                    Problem.of(429, "Too Many Requests", "Too many changing calls within a minute; try again later."));
        } else {
            call.put(ROLE, role.get());
            call.next();
        }
    }

    private static boolean isReading(String method) {
        return Role.forMethod(method) == Role.VIEWER;
    }

    private static boolean isFromElsewhere(@Nullable String origin) {
        if (origin == null) {
            return false;
        }
        try {
            String from = URI.create(origin).getHost();
            return from == null || !(from.equals("localhost") || from.equals("127.0.0.1") || from.equals("[::1]"));
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    private static void refuse(RoutingContext call, Problem problem) {
        call.response()
                .setStatusCode(problem.status())
                .putHeader("Content-Type", Problem.MEDIA_TYPE)
                .end(problem.json());
    }
}
