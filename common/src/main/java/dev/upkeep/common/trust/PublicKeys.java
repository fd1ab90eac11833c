package dev.upkeep.common.trust;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.sign.PemKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Map;
import java.util.TreeMap;

/** The Ed25519 public keys that a setting names by files in PEM form. */
public final class PublicKeys {
    private PublicKeys() {}

    /**
     * The keys by their ids.
     *
     * @throws InvalidValue naming the setting and id of a file that is no public key, or that others can change
     */
    public static Map<String, PublicKey> read(String setting, Map<String, Path> files) {
        Map<String, PublicKey> keys = new TreeMap<>();
        files.forEach((id, file) -> keys.put(id, read(setting + "." + id, file)));
        return keys;
    }

    private static PublicKey read(String key, Path file) {
        Trust.demandUnwritableByOthers(key, file);
        try {
            return PemKeys.publicKey(Files.readString(file));
        } catch (IOException e) {
            throw new InvalidValue(key, file.toString(), "must be a readable file: " + e);
        }
    }
}
