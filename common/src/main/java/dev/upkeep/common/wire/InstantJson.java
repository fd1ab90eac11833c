package dev.upkeep.common.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import dev.upkeep.common.InvalidValue;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/**
 * Times in RFC 3339 with an offset; numbers are refused, since seconds and milliseconds look alike, and so are years that no calendar
 * of a database has: adding a minute to the last of them fails.
 */
final class InstantJson extends StdDeserializer<Instant> {
    private static final long serialVersionUID = 1L;

    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    InstantJson() {
        super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser json, DeserializationContext context) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            return (Instant) context.handleUnexpectedToken(Instant.class, json);
        }
        try {
            Instant time = OffsetDateTime.parse(json.getText()).toInstant();
            if (time.isBefore(EARLIEST) || time.isAfter(LATEST)) {
                throw new InvalidValue("time", json.getText(), "must be in the years 1 to 9999");
            }
            return time;
        } catch (DateTimeException e) {
            throw new InvalidValue(
                    "time", json.getText(), "must be RFC 3339 with an offset, such as 2026-11-21T02:00:00Z");
        }
    }
}
