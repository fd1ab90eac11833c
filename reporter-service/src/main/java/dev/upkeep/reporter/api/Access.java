package dev.upkeep.reporter.api;

import dev.upkeep.common.InvalidValue;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Lets in who brings the token, if there is one; refuses to listen beyond this host without one. */
@Singleton
final class Access {
    private static final int BEFORE_ALL_ELSE = 10_000;
    private static final int SHORTEST = 16;
    private static final String SCHEME = "Bearer ";

    private final String host;
    private final Optional<byte[]> token;

    @Inject
    Access(ApiConfig config, @ConfigProperty(name = "quarkus.http.host") String host) {
        this.host = host;
        this.token = config.tokenFile().map(Access::token);
    }

    void start(@Observes @Priority(1) StartupEvent started) {
        if (token.isEmpty() && !isLoopback(host)) {
            throw new InvalidValue(
                    "quarkus.http.host",
                    host,
                    "is reachable from other hosts, so a token is needed: put one of at least " + SHORTEST
                            + " characters in a file and name it in upkeep.api.token-file, or listen on 127.0.0.1");
        }
    }

    void filters(@Observes Filters filters) {
        if (token.isPresent()) {
            filters.register(this::check, BEFORE_ALL_ELSE);
        }
    }

    private void check(RoutingContext request) {
        boolean health = request.normalizedPath().startsWith("/q/health");
        if (health || isRight(request.request().getHeader(HttpHeaders.AUTHORIZATION))) {
            request.next();
            return;
        }
        request.response()
                .setStatusCode(401)
                .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .putHeader("WWW-Authenticate", "Bearer")
                .end("{\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401,"
                        + "\"detail\":\"Send the token as Authorization: Bearer <token>.\"}");
    }

    boolean isRight(@org.jspecify.annotations.Nullable String header) {
        return token.isEmpty()
                || (header != null
                        && header.startsWith(SCHEME)
                        && MessageDigest.isEqual(
                                token.get(),
                                header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8)));
    }

    static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static byte[] token(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .findFirst()
                    .map(String::strip)
                    .filter(line -> line.length() >= SHORTEST)
                    .orElseThrow(() -> new InvalidValue(
                            "upkeep.api.token-file",
                            file.toString(),
                            "must hold a token of at least " + SHORTEST + " characters"))
                    .getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InvalidValue("upkeep.api.token-file", file.toString(), "cannot be read: " + e);
        }
    }
}
