package dev.upkeep.common.access;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.trust.Trust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@link Tokens} of a file, which may be changed while the service runs: it is looked at every second that somebody calls. A
 * change that cannot be taken, since a line is wrong or others can read the file, leaves the tokens in force that were there before,
 * and is said in the log once. Thread-safe.
 */
public final class TokenFile {
    private static final Logger LOG = LoggerFactory.getLogger(TokenFile.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final String key;
    private final Path file;
    private final Duration lookEvery;
    private volatile Tokens tokens;
    private volatile Optional<Stamp> stamp;
    private volatile Optional<String> problem = Optional.empty();
    private volatile long looked = System.nanoTime();

    /** By which a file is known to be another one than before. */
    private record Stamp(FileTime modified, long size, Optional<Object> file) {
        static Optional<Stamp> of(Path file) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                return Optional.of(new Stamp(
                        attributes.lastModifiedTime(), attributes.size(), Optional.ofNullable(attributes.fileKey())));
            } catch (IOException e) {
                return Optional.empty();
            }
        }
    }

    TokenFile(String key, Path file, Duration lookEvery) {
        this.key = key;
        this.file = file;
        this.lookEvery = lookEvery;
        this.stamp = Stamp.of(file);
        this.tokens = read();
    }

    /**
     * Reads the file.
     *
     * @param key the setting that names it
     * @throws InvalidValue if it has a line that cannot be understood, or others than the user of this process can read it
     */
    public static TokenFile open(String key, Path file) {
        return new TokenFile(key, file, LOOK_EVERY);
    }

    private Tokens read() {
        Trust.demandSecret(key, file);
        return Tokens.read(key, file);
    }

    /** The role of whoever sends this {@code Authorization} header; empty for somebody unknown. */
    public Optional<Role> role(@Nullable String authorization) {
        refresh();
        return tokens.role(authorization);
    }

    /** Why the tokens in force are not those of the file; empty if they are. */
    public Optional<String> problem() {
        refresh();
        return problem;
    }

    private void refresh() {
        if (System.nanoTime() - looked < lookEvery.toNanos()) {
            return;
        }
        synchronized (this) {
            looked = System.nanoTime();
            Optional<Stamp> now = Stamp.of(file);
            if (problem.isEmpty() && now.equals(stamp)) {
                return;
            }
            stamp = now;
            try {
                tokens = read();
                problem = Optional.empty();
                LOG.info("tokens were read again key={} file={}", key, file);
            } catch (InvalidValue e) {
                Optional<String> found = Optional.of(String.valueOf(e.getMessage()));
                if (!found.equals(problem)) {
                    LOG.error(
                            "the token file has changed and is not taken; the tokens that were read before stay in"
                                    + " force: {}",
                            e.getMessage());
                }
                problem = found;
            }
        }
    }
}
