package dev.upkeep.common.sign;

import dev.upkeep.common.InvalidValue;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads Ed25519 keys in PEM form, as {@code openssl genpkey -algorithm ed25519} and {@code openssl pkey -pubout} write them. */
public final class PemKeys {
    private static final Pattern PEM = Pattern.compile(
            "-----BEGIN (?<kind>[A-Z ]+)-----(?<content>[A-Za-z0-9+/=\\s]+)-----END \\k<kind>-----\\s*");

    private PemKeys() {}

    /** A private key ({@code BEGIN PRIVATE KEY}). */
    public static PrivateKey privateKey(String pem) {
        try {
            return KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new PKCS8EncodedKeySpec(content(pem, "PRIVATE KEY")));
        } catch (GeneralSecurityException e) {
            throw new InvalidValue(
                    "private key", "(not shown)", "must be an Ed25519 key in PKCS #8: " + e.getMessage());
        }
    }

    /** A public key ({@code BEGIN PUBLIC KEY}). */
    public static PublicKey publicKey(String pem) {
        try {
            return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(content(pem, "PUBLIC KEY")));
        } catch (GeneralSecurityException e) {
            throw new InvalidValue("public key", "(not shown)", "must be an Ed25519 key: " + e.getMessage());
        }
    }

    private static byte[] content(String pem, String kind) {
        Matcher matcher = PEM.matcher(pem.strip());
        if (!matcher.matches() || !matcher.group("kind").equals(kind)) {
            throw new InvalidValue(
                    "key", "(not shown)", "must be PEM text that begins with -----BEGIN " + kind + "-----");
        }
        return Base64.getMimeDecoder().decode(matcher.group("content"));
    }
}
