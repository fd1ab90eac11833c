package dev.upkeep.executor.wiring;

import dev.upkeep.common.InvalidValue;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Lets callers in: on loopback everybody, beyond it only those who bring the token. Without a token it does not open beyond loopback. */
@ApplicationScoped
public class Door {
    private static final int FIRST = 1_000;

    private final Optional<byte[]> expected;

    Door(HttpConfig config, @ConfigProperty(name = "quarkus.http.host") String host) {
        this.expected = config.tokenFile().map(Door::token);
        if (expected.isEmpty() && !isLoopback(host)) {
            throw new InvalidValue(
                    "quarkus.http.host", host, "must be a loopback address unless upkeep.http.token-file is given");
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static byte[] token(Path file) {
        ConfigFiles.keepSecret("upkeep.http.token-file", file);
        try {
            String token = Files.readString(file).strip();
            if (token.length() < 16) {
                throw new InvalidValue("upkeep.http.token-file", file.toString(), "must hold at least 16 characters");
            }
            return ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InvalidValue("upkeep.http.token-file", file.toString(), "must be a readable file: " + e);
        }
    }

    void stand(@Observes Filters filters) {
        expected.ifPresent(token -> filters.register(call -> check(call, token), FIRST));
    }

    private static void check(RoutingContext call, byte[] token) {
        String given = call.request().getHeader("Authorization");
        if (given != null && MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), token)) {
            call.next();
        } else {
            call.response()
                    .setStatusCode(401)
                    .putHeader("WWW-Authenticate", "Bearer")
                    .end();
        }
    }
}
