package dev.upkeep.scheduler.api;

import dev.upkeep.common.InvalidValue;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The door of the service: refuses to start on an address that others can reach if there is no token, asks callers for the
 * token if there is one, and takes only so many changing calls per minute. Thread-safe.
 */
@Singleton
final class Access {
    private static final int FIRST = 20_000;
    private static final int LEAST_LETTERS = 16;
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

    private final String host;
    private final Optional<byte[]> expected;
    private final ChangeLimit limit;

    Access(ApiConfig config, @ConfigProperty(name = "quarkus.http.host") String host) {
        this.host = host;
        this.expected = config.tokenFile().map(Access::expected);
        this.limit = new ChangeLimit(config.changesPerMinute(), Clock.systemUTC());
    }

    void begin(@Observes @Priority(1) StartupEvent event) {
        if (expected.isEmpty() && !isLoopback(host)) {
            throw new InvalidValue(
                    "quarkus.http.host",
                    host,
                    "can be reached from other hosts: name a file with a token of at least " + LEAST_LETTERS
                            + " letters in upkeep.api.token-file, or listen on 127.0.0.1");
        }
    }

    void filter(@Observes Filters filters) {
        filters.register(this::admit, FIRST);
    }

    private void admit(RoutingContext call) {
        if (!call.normalizedPath().startsWith("/q/health")
                && !isAllowed(Optional.ofNullable(call.request().getHeader("Authorization")))) {
            call.response().putHeader("WWW-Authenticate", "Bearer");
            refuse(call, 401, "Unauthorized", "Send the token as Authorization: Bearer <token>.");
        } else if (!READING.contains(call.request().method().name()) && !limit.admits()) {
            call.response().putHeader("Retry-After", "60");
            refuse(call, 429, "Too Many Requests", "Too many changing calls within a minute; try again later.");
        } else {
            call.next();
        }
    }

    private static void refuse(RoutingContext call, int status, String title, String detail) {
        call.response()
                .setStatusCode(status)
                .putHeader("Content-Type", Problem.MEDIA_TYPE)
                .end("{\"type\":\"about:blank\",\"title\":\"" + title + "\",\"status\":" + status + ",\"detail\":\""
                        + detail + "\"}");
    }

    private boolean isAllowed(Optional<String> header) {
        return expected.isEmpty()
                || header.filter(value -> value.startsWith("Bearer "))
                        .map(value -> value.substring(7).strip().getBytes(StandardCharsets.UTF_8))
                        .filter(given -> MessageDigest.isEqual(given, expected.get()))
                        .isPresent();
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static byte[] expected(Path file) {
        try {
            String line = Files.readString(file).lines().findFirst().orElse("").strip();
            if (line.length() < LEAST_LETTERS) {
                throw new InvalidValue(
                        "upkeep.api.token-file",
                        file.toString(),
                        "must begin with a token of at least " + LEAST_LETTERS + " letters");
            }
            return line.getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InvalidValue("upkeep.api.token-file", file.toString(), "cannot be read: " + e);
        }
    }
}
