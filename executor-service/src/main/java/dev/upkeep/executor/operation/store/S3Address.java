package dev.upkeep.executor.operation.store;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.trust.Trust;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where an S3-compatible store is and how to get in, checked: a bad value is named with its key.
 *
 * @param prefix empty, or ends in a slash
 * @param secret looked up at every request, so that a rotated one is picked up
 * @param partBytes of the pieces that are held in memory
 */
record S3Address(
        Optional<URI> endpoint,
        String region,
        String bucket,
        String prefix,
        boolean pathStyle,
        String keyId,
        Supplier<String> secret,
        int partBytes,
        Duration timeout) {
    /** What S3 takes as a part that is not the last. */
    static final int LEAST_PART = 5 * 1024 * 1024;

    private static final int GREATEST_PART = 512 * 1024 * 1024;

    private static final String PREFIX = "upkeep.store.s3.";
    private static final List<String> LOOPBACK = List.of("127.0.0.1", "localhost", "[::1]");

    S3Address {
        Check.between(PREFIX + "part-size", partBytes, LEAST_PART, mostPart());
        Check.positive(PREFIX + "request-timeout", timeout);
    }

    /** The greatest part that leaves memory for the rest: a quarter of what Java may take. */
    static int mostPart() {
        return (int) Math.min(
                GREATEST_PART, Math.max(LEAST_PART, Runtime.getRuntime().maxMemory() / 4));
    }

    static S3Address of(S3Config config) {
        config.endpoint().ifPresent(uri -> check(uri, config.allowPlaintext()));
        return new S3Address(
                config.endpoint(),
                config.region(),
                required("bucket", config.bucket()),
                config.prefix().map(S3Address::folder).orElse(""),
                config.pathStyle(),
                required("access-key-id", config.accessKeyId()),
                secret(config),
                Math.toIntExact(Math.min(config.partSize().asLongValue(), Integer.MAX_VALUE)),
                config.requestTimeout());
    }

    /** Refuses one whose secret cannot be had. */
    void requireSecret() {
        if (secret.get().isEmpty()) {
            throw new InvalidValue(PREFIX + "secret-key-file", "empty", "must hold the secret of the key pair");
        }
    }

    private static void check(URI uri, boolean allowPlaintext) {
        String scheme = String.valueOf(uri.getScheme());
        if (uri.getHost() == null || !List.of("http", "https").contains(scheme)) {
            throw new InvalidValue(PREFIX + "endpoint", uri.toString(), "must be like https://s3.example.org");
        }
        if (scheme.equals("http") && !allowPlaintext && !LOOPBACK.contains(uri.getHost())) {
            throw new InvalidValue(
                    PREFIX + "endpoint",
                    uri.toString(),
                    "must be https; for a network that is trusted, set " + PREFIX + "allow-plaintext");
        }
    }

    private static String folder(String prefix) {
        String stripped = prefix.replaceAll("^/+|/+$", "");
        return stripped.isEmpty() ? "" : stripped + "/";
    }

    private static String required(String key, Optional<String> value) {
        return value.filter(text -> !text.isBlank())
                .orElseThrow(() -> new InvalidValue(PREFIX + key, "absent", "is needed for a store of the kind s3"));
    }

    private static Supplier<String> secret(S3Config config) {
        if (config.secretKeyFile().isPresent() == config.secretKeyEnv().isPresent()) {
            throw new InvalidValue(
                    PREFIX + "secret-key-file",
                    config.secretKeyFile().isPresent() ? "given" : "absent",
                    "must be given, or secret-key-env, and not both");
        }
        Optional<Path> file = config.secretKeyFile();
        return file.isPresent()
                ? () -> read(file.get())
                : () -> Optional.ofNullable(System.getenv(config.secretKeyEnv().orElse("")))
                        .filter(text -> !text.isBlank())
                        .orElseThrow(() -> new InvalidValue(
                                PREFIX + "secret-key-env",
                                config.secretKeyEnv().orElse(""),
                                "is an environment variable that is not set"));
    }

    private static String read(Path file) {
        Trust.demandSecret(PREFIX + "secret-key-file", file);
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new InvalidValue(PREFIX + "secret-key-file", file.toString(), "cannot be read: " + e.getMessage());
        }
    }
}
