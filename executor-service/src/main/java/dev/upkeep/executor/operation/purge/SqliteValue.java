package dev.upkeep.executor.operation.purge;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * SQLite's values as text: for cursors, and as the JSON of archives. In JSON an integer is a number without a point, a real one
 * with, a text a string, a blob {@code {"blob": base64}}; a text that is not valid in the file's encoding, and an infinite
 * real, are objects too: {@code {"text": base64}}, {@code {"real": "Infinity"}}.
 */
final class SqliteValue {
    private SqliteValue() {}

    static String write(@Nullable Object value) {
        if (value instanceof Integer || value instanceof Long) {
            return "i" + value;
        }
        if (value instanceof Double) {
            return "r" + value;
        }
        return "t" + value;
    }

    static Object read(String text) {
        String rest = text.substring(1);
        return switch (text.charAt(0)) {
            case 'i' -> Long.parseLong(rest);
            case 'r' -> Double.parseDouble(rest);
            default -> rest;
        };
    }

    /** Appends a column's value as JSON, exactly. */
    static void json(StringBuilder json, ResultSet row, int column, Charset encoding) throws SQLException {
        Object value = row.getObject(column);
        if (value == null) {
            json.append("null");
        } else if (value instanceof Double real) {
            if (Double.isInfinite(real) || Double.isNaN(real)) {
                json.append("{\"real\":\"").append(real).append("\"}");
            } else {
                json.append(real);
            }
        } else if (value instanceof Number) {
            json.append(value);
        } else if (value instanceof byte[] blob) {
            bytes(json, "blob", blob);
        } else {
            text(json, value.toString(), row.getBytes(column), encoding);
        }
    }

    /** Appends a text; {@code raw} are its bytes in the file's encoding. */
    static void text(StringBuilder json, String text, byte @Nullable [] raw, Charset encoding) {
        try {
            String exact = raw == null
                    ? text
                    : encoding.newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT)
                            .decode(ByteBuffer.wrap(raw))
                            .toString();
            json.append('"');
            JsonStringEncoder.getInstance().quoteAsString(exact, json);
            json.append('"');
        } catch (CharacterCodingException e) {
            bytes(json, "text", raw == null ? new byte[0] : raw);
        }
    }

    private static void bytes(StringBuilder json, String kind, byte[] bytes) {
        json.append("{\"")
                .append(kind)
                .append("\":\"")
                .append(Base64.getEncoder().encodeToString(bytes))
                .append("\"}");
    }
}
