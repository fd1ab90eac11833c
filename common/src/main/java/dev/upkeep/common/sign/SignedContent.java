package dev.upkeep.common.sign;

import dev.upkeep.common.kafka.Records;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** What a signature covers: a fixed prefix, the kind of message, and the value's bytes as they are. */
final class SignedContent {
    static final String KEY_HEADER = "upkeep_key";
    static final String SIGNATURE_HEADER = "upkeep_signature";
    static final Base64.Encoder ENCODER = Base64.getEncoder();
    static final Base64.Decoder DECODER = Base64.getDecoder();

    private SignedContent() {}

    static byte[] of(Headers headers, byte @Nullable [] value) {
        String kind = Records.header(headers, Records.TYPE).orElse("");
        byte[] head = ("upkeep lane message 1\n" + kind + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] body = value == null ? new byte[0] : value;
        byte[] content = new byte[head.length + body.length];
        System.arraycopy(head, 0, content, 0, head.length);
        System.arraycopy(body, 0, content, head.length, body.length);
        return content;
    }
}
