package dev.upkeep.common.access;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that callers of a service may bring, each with a role, from a file with one a line: {@code <role> <token>}, or
 * {@code <role> sha256:<64 hex digits>} so that the file holds no secret. A first line that is a token alone is an admin's. Empty
 * lines and those that begin with {@code #} say nothing.
 *
 * <p>Keeps digests only, and compares a caller's with every one of them in constant time. A line that cannot be understood, a
 * token that is too short, and one that comes twice are refused; messages name the line, never what is on it. Thread-safe.
 */
public final class Tokens {
    private static final int SHORTEST = 16;
    private static final String SCHEME = "Bearer ";
    private static final Pattern LINE = Pattern.compile("(viewer|operator|admin)\\s+(\\S+)");
    private static final Pattern DIGEST = Pattern.compile("sha256:([0-9a-fA-F]{64})");

    private final List<Token> tokens;

    private record Token(Role role, String digest) {}

    private Tokens(List<Token> tokens) {
        this.tokens = List.copyOf(tokens);
    }

    /**
     * Reads the file.
     *
     * @param key the setting that names it
     */
    public static Tokens read(String key, Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new InvalidValue(key, file.toString(), "cannot be read: " + e);
        }
        List<Token> tokens = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int number = i + 1;
            Token token = token(line, tokens.isEmpty())
                    .orElseThrow(() -> new InvalidValue(
                            key,
                            file.toString(),
                            "line " + number + " must be viewer, operator or admin, and a token of at least " + SHORTEST
                                    + " characters without blanks, or sha256: with its digest in hex"));
            if (tokens.stream().anyMatch(other -> other.digest().equals(token.digest()))) {
                throw new InvalidValue(key, file.toString(), "line " + number + " has a token that came before");
            }
            tokens.add(token);
        }
        if (tokens.isEmpty()) {
            throw new InvalidValue(key, file.toString(), "must hold a token of at least " + SHORTEST + " characters");
        }
        return new Tokens(tokens);
    }

    private static Optional<Token> token(String line, boolean first) {
        Matcher parts = LINE.matcher(line);
        boolean named = parts.matches();
        if (!named && !(first && line.chars().noneMatch(Character::isWhitespace))) {
            return Optional.empty();
        }
        Role role = named ? Role.valueOf(parts.group(1).toUpperCase(Locale.ROOT)) : Role.ADMIN;
        String token = named ? parts.group(2) : line;
        Matcher digest = DIGEST.matcher(token);
        if (digest.matches()) {
            return Optional.of(new Token(role, digest.group(1).toLowerCase(Locale.ROOT)));
        }
        return token.length() < SHORTEST || token.startsWith("sha256:")
                ? Optional.empty()
                : Optional.of(new Token(role, digest(token)));
    }

    /** The role of whoever sends this {@code Authorization} header; empty for somebody unknown. */
    public Optional<Role> role(@Nullable String authorization) {
        if (authorization == null || !authorization.startsWith(SCHEME)) {
            return Optional.empty();
        }
        byte[] given = digest(authorization.substring(SCHEME.length()).strip()).getBytes(StandardCharsets.UTF_8);
        Optional<Role> found = Optional.empty();
        for (Token token : tokens) {
            if (MessageDigest.isEqual(token.digest().getBytes(StandardCharsets.UTF_8), given)) {
                found = Optional.of(token.role());
            }
        }
        return found;
    }

    /**
     * Refuses to listen where others can come in while everybody would be let in.
     *
     * @param tokens those there are
     * @param host the address to listen on
     * @param key the setting that names a file with tokens
     */
    public static void demand(Optional<?> tokens, String host, String key) {
        if (tokens.isEmpty() && !isLoopback(host)) {
            throw new InvalidValue(
                    "quarkus.http.host",
                    host,
                    "can be reached from other hosts: name a file with a token of at least " + SHORTEST
                            + " characters in " + key + ", or listen on 127.0.0.1");
        }
    }

    /** Whether only this host can reach the address. */
    public static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static String digest(String token) {
        return Sha256.hex(token);
    }
}
