package dev.upkeep.scheduler.request;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.wire.Wire;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** What can be said of a request's text: its digest, and the id of one that cannot be read as a whole. */
final class RequestText {
    private static final JsonFactory JSON = new JsonFactory();

    private RequestText() {}

    /** The same for texts that mean the same: order of keys, blanks and unknown fields do not matter. */
    static String digest(Request request) {
        return sha256(Wire.write(request));
    }

    static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The value of the outermost {@code id}, if the text is JSON up to there and the id is one that a request may have. */
    static Optional<String> id(byte[] value) {
        try (JsonParser json = JSON.createParser(value)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean isId = json.currentName().equals("id");
                if (json.nextToken() == JsonToken.VALUE_STRING && isId) {
                    return Optional.of(RunId.ofRequest(json.getText()).text());
                }
                json.skipChildren();
            }
            return Optional.empty();
        } catch (IOException | InvalidValue e) {
            return Optional.empty();
        }
    }
}
