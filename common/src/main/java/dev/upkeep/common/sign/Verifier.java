package dev.upkeep.common.sign;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Verifies lane messages and overrides: the executor's side. Thread-safe.
 *
 * @param keys the Ed25519 public keys that are trusted, by id
 */
public record Verifier(Map<String, PublicKey> keys) {
    public Verifier {
        keys = Check.map("keys", keys);
        keys.keySet()
                .forEach(id -> Check.text(
                        "keys", id, Signer.KEY_ID, "must be 1 to 64 letters, digits, dots, dashes or underscores"));
    }

    /** Why the record must not be believed; empty if it was signed with one of the keys. */
    public Optional<Reason> problem(ConsumerRecord<String, byte[]> record) {
        Optional<String> keyId = Records.header(record.headers(), SignedContent.KEY_HEADER);
        Optional<String> signature = Records.header(record.headers(), SignedContent.SIGNATURE_HEADER);
        if (keyId.isEmpty() || signature.isEmpty()) {
            return Optional.of(new Reason(
                    Code.UNSIGNED,
                    "the command is not signed, and this executor takes only commands signed with a key it knows"));
        }
        if (!keys.containsKey(keyId.get())) {
            return Optional.of(new Reason(
                    Code.BAD_SIGNATURE,
                    "the command is signed with key " + InvalidValue.shown(keyId.get()) + ", which is not known here"));
        }
        return isSigned(keyId.get(), SignedContent.of(record.headers(), record.value()), signature.get())
                ? Optional.empty()
                : Optional.of(new Reason(
                        Code.BAD_SIGNATURE,
                        "the signature does not fit the command and key " + keyId.get()
                                + "; it was changed on the way, or forged"));
    }

    /** Whether this is the signature of these bytes with a key of this id; false for a key that is not known. */
    public boolean isSigned(String keyId, byte[] content, String signature) {
        PublicKey key = keys.get(keyId);
        if (key == null) {
            return false;
        }
        try {
            Signature verification = Signature.getInstance("Ed25519");
            verification.initVerify(key);
            verification.update(content);
            return verification.verify(SignedContent.DECODER.decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }
}
