package dev.upkeep.common.sign;

import dev.upkeep.common.Check;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Signs lane messages: the scheduler's side. Adds the headers {@code upkeep_key} and {@code upkeep_signature}. Thread-safe.
 *
 * @param keyId by which executors find the public key
 * @param key an Ed25519 private key
 */
public record Signer(String keyId, PrivateKey key) {
    static final Pattern KEY_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    public Signer {
        Check.text("key", keyId, KEY_ID, "must be 1 to 64 letters, digits, dots, dashes or underscores");
        Check.present("key", key);
    }

    /** Signs the record as it is; nothing of it may change afterwards. */
    public void sign(ProducerRecord<String, byte[]> record) {
        byte[] signed =
                signature(SignedContent.of(record.headers(), record.value())).getBytes(StandardCharsets.UTF_8);
        record.headers().remove(SignedContent.KEY_HEADER).remove(SignedContent.SIGNATURE_HEADER);
        record.headers().add(SignedContent.KEY_HEADER, keyId.getBytes(StandardCharsets.UTF_8));
        record.headers().add(SignedContent.SIGNATURE_HEADER, signed);
    }

    /** The signature of these bytes, in base64. */
    public String signature(byte[] content) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(content);
            return SignedContent.ENCODER.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the key " + keyId + " cannot sign with Ed25519", e);
        }
    }

    @Override
    public String toString() {
        return "Signer[" + keyId + "]";
    }
}
