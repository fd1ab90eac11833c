package dev.upkeep.executor.operation.encryption;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.UnsupportedRecipientStanzaException;
import com.exceptionfactory.jagged.framework.stream.StandardDecryptingChannelFactory;
import com.exceptionfactory.jagged.framework.stream.StandardEncryptingChannelFactory;
import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.trust.Trust;
import dev.upkeep.executor.operation.Failure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keys in the format of age: public ones, for which files are encrypted, and secret ones, which open them. A host that
 * has public keys only can write files and not read them again later; to verify one that it has just written, it adds a {@linkplain
 * #withOneTimeKey key} that is in nobody's hands and forgotten with the attempt. Secret keys are read at each use and never
 * shown. Thread-safe.
 */
public final class Keys {
    private static final String SECRET = "AGE-SECRET-KEY-1";

    private final String prefix;
    private final List<String> recipients;
    private final Optional<Path> identities;
    private final Optional<KeyPair> oneTime;

    private Keys(String prefix, List<String> recipients, Optional<Path> identities, Optional<KeyPair> oneTime) {
        this.prefix = prefix;
        this.recipients = recipients;
        this.identities = identities;
        this.oneTime = oneTime;
    }

    /**
     * As configured.
     *
     * @param prefix of the settings {@code recipients} and {@code identity-file}, such as {@code upkeep.backup}
     * @param recipients public keys; without any, files are not encrypted
     * @param identityFile the file of the secret keys
     */
    public static Keys of(String prefix, Optional<List<String>> recipients, Optional<Path> identityFile) {
        return new Keys(prefix, recipients.orElse(List.of()), identityFile, Optional.empty());
    }

    /** Neither encrypts nor opens. */
    public static Keys none() {
        return of("", Optional.empty(), Optional.empty());
    }

    /** Refuses keys that are none. */
    public void check() {
        writers();
        if (identities.isPresent() && readers().isEmpty()) {
            throw new InvalidValue(identityKey(), identities.get().toString(), "holds no line with " + SECRET + "…");
        }
    }

    private String identityKey() {
        return prefix + ".identity-file";
    }

    /** What files are encrypted with from now on; empty if they are not. */
    public Optional<Encryption> encryption() {
        return recipients.isEmpty() ? Optional.empty() : Optional.of(new Encryption("age", recipients));
    }

    /** Whether there is a secret key to try. */
    public boolean canDecrypt() {
        return identities.isPresent() || oneTime.isPresent();
    }

    /**
     * Why this host cannot read a file's content: it is encrypted, and there is no secret key here.
     *
     * @param what the file's kind and name, such as {@code backup: …}
     */
    public Optional<Reason> refusal(String what, Optional<Encryption> encryption) {
        return encryption
                .filter(any -> !canDecrypt())
                .map(stated -> new Reason(
                        Code.KEY_MISSING,
                        what + " (is encrypted for " + stated.words() + "; configure " + identityKey()
                                + " with a secret key of one of them)"));
    }

    /** Why this host could not read what it writes: it has secret keys, and none of them is of a recipient. */
    public Optional<Reason> mismatch() throws IOException {
        if (recipients.isEmpty() || identities.isEmpty()) {
            return Optional.empty();
        }
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        try (OutputStream out = encrypt(sealed)) {
            out.write(0);
        }
        Encryption now = encryption().orElseThrow();
        try (InputStream in = decrypt(new ByteArrayInputStream(sealed.toByteArray()), "a test", now)) {
            in.readAllBytes();
            return Optional.empty();
        } catch (Failure e) {
            return Optional.of(new Reason(
                    Code.KEY_MISSING,
                    prefix + ".recipients: " + now.words() + " (none of the keys in " + identities.get()
                            + " opens what is encrypted for them; configure " + identityKey()
                            + " with a secret key of one of them)"));
        }
    }

    /** With a further key for one file, unless there is a secret key on this host or nothing is encrypted. */
    public Keys withOneTimeKey() {
        if (recipients.isEmpty() || identities.isPresent()) {
            return this;
        }
        try {
            return new Keys(
                    prefix, recipients, identities, Optional.of(new X25519KeyPairGenerator().generateKeyPair()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java since 11 has X25519", e);
        }
    }

    /** Encrypts, if there is anyone to encrypt for; the last words come at the close, which leaves {@code to} open. */
    public OutputStream encrypt(OutputStream to) throws IOException {
        if (recipients.isEmpty()) {
            return to;
        }
        try {
            return Channels.newOutputStream(new StandardEncryptingChannelFactory()
                    .newEncryptingChannel(Channels.newChannel(new Unclosed(to)), writers()));
        } catch (GeneralSecurityException e) {
            throw new IOException("nothing can be encrypted: " + e.getMessage(), e);
        }
    }

    /**
     * Decrypts.
     *
     * @param encryption as it was stated when the file was written
     * @throws Failure with code {@code KEY_MISSING} if there is no key, or none that opens it; a damaged beginning may look so
     */
    public InputStream decrypt(InputStream from, String place, Encryption encryption) throws IOException {
        List<RecipientStanzaReader> readers;
        try {
            readers = readers();
        } catch (InvalidValue e) {
            throw missing(place, e.getMessage() + "; it is encrypted for " + encryption.words(), e);
        }
        if (readers.isEmpty()) {
            throw missing(
                    place,
                    "there is no secret key on this host: configure " + identityKey() + " with one of "
                            + encryption.words(),
                    null);
        }
        try {
            return Channels.newInputStream(
                    new StandardDecryptingChannelFactory().newDecryptingChannel(Channels.newChannel(from), readers));
        } catch (UnsupportedRecipientStanzaException e) {
            throw missing(
                    place,
                    "none of the keys in "
                            + identities.map(Path::toString).orElse("memory")
                            + " opens it: it is encrypted for " + encryption.words(),
                    e);
        } catch (GeneralSecurityException e) {
            throw new IOException("its beginning is damaged: " + e.getMessage(), e);
        }
    }

    private static Failure missing(String place, String why, @org.jspecify.annotations.Nullable Exception cause) {
        return new Failure(Code.KEY_MISSING, place + " cannot be decrypted; " + why, cause);
    }

    private List<RecipientStanzaWriter> writers() {
        List<String> all = new ArrayList<>(recipients);
        oneTime.ifPresent(pair -> all.add(pair.getPublic().toString()));
        List<RecipientStanzaWriter> writers = new ArrayList<>();
        for (String recipient : all) {
            try {
                writers.add(X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(recipient));
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                throw new InvalidValue(prefix + ".recipients", recipient, "must be a public key of age, age1…");
            }
        }
        return writers;
    }

    private List<RecipientStanzaReader> readers() {
        List<RecipientStanzaReader> readers = new ArrayList<>();
        List<String> secrets = lines();
        try {
            if (oneTime.isPresent()) {
                readers.add(X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(
                        oneTime.get().getPrivate().toString()));
            }
            for (String line : secrets) {
                readers.add(X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(line));
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new InvalidValue(
                    identityKey(),
                    identities.map(Path::toString).orElse(""),
                    "holds a line that is no secret key of age");
        }
        return readers;
    }

    private List<String> lines() {
        if (identities.isEmpty()) {
            return List.of();
        }
        Path file = identities.get();
        try {
            Optional<String> problem = Trust.secret(file);
            if (problem.isPresent()) {
                throw new InvalidValue(identityKey(), file.toString(), problem.get() + "; chmod 600 it");
            }
            return Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(line -> line.startsWith(SECRET))
                    .toList();
        } catch (IOException e) {
            throw new InvalidValue(identityKey(), file.toString(), "cannot be read: " + e.getMessage());
        }
    }
}
