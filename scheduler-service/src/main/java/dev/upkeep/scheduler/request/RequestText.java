package dev.upkeep.scheduler.request;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.RunId;
import java.io.IOException;
import java.util.Optional;

/** Finds the id of a request that cannot be read as a whole. */
final class RequestText {
    private static final JsonFactory JSON = new JsonFactory();

    private RequestText() {}

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
