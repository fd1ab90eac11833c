package dev.upkeep.executor.operation.store;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The S3-compatible store that backups and archives may go to; its client is only loaded when one of them does. */
@ConfigMapping(prefix = "upkeep.store.s3")
public interface S3Config {
    /** Its address, such as {@code https://s3.example.org}; Amazon's own of the region if absent. */
    Optional<URI> endpoint();

    /** Its region; many stores take any. */
    @WithDefault("us-east-1")
    String region();

    /** The bucket, which must exist. */
    Optional<String> bucket();

    /** What all keys begin with: one for each executor that shares the bucket; none if absent. */
    Optional<String> prefix();

    /** Whether the bucket is in the path and not in the host's name. */
    @WithDefault("true")
    boolean pathStyle();

    /** The name of the key pair. */
    Optional<String> accessKeyId();

    /** A file with the secret of the key pair, which only the executor can read. */
    Optional<Path> secretKeyFile();

    /** The environment variable with the secret, instead of a file. */
    Optional<String> secretKeyEnv();

    /** What is held in memory and sent as one part, at least; greater for objects that would need more than 10,000 parts. */
    @WithDefault("8M")
    MemorySize partSize();

    /** How long one request may take; it is tried three times. */
    @WithDefault("PT60S")
    Duration requestTimeout();

    /** Allows an address without TLS that is not on this host. */
    @WithDefault("false")
    boolean allowPlaintext();
}
