package dev.upkeep.executor.operation.store;

import io.quarkus.runtime.configuration.MemorySize;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A configuration with this address. */
record Given(String address) implements S3Config {
    @Override
    public Optional<URI> endpoint() {
        return Optional.of(URI.create(address));
    }

    @Override
    public String region() {
        return "eu-central-1";
    }

    @Override
    public Optional<String> bucket() {
        return Optional.of("backups");
    }

    @Override
    public Optional<String> prefix() {
        return Optional.of("/host7");
    }

    @Override
    public boolean pathStyle() {
        return true;
    }

    @Override
    public Optional<String> accessKeyId() {
        return Optional.of("id");
    }

    @Override
    public Optional<Path> secretKeyFile() {
        return Optional.empty();
    }

    @Override
    public Optional<String> secretKeyEnv() {
        return Optional.of("PATH");
    }

    @Override
    public MemorySize partSize() {
        return new MemorySize(BigInteger.valueOf(8 << 20));
    }

    @Override
    public Duration requestTimeout() {
        return Duration.ofSeconds(60);
    }

    @Override
    public boolean allowPlaintext() {
        return false;
    }
}
