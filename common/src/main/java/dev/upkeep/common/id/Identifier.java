package dev.upkeep.common.id;

import dev.upkeep.common.InvalidValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes apart the written form of database identifiers: plain parts, or parts in double quotes, parted by dots. */
final class Identifier {
    private static final int MAX_BYTES = 63;
    private static final Pattern PART = Pattern.compile(
            "(?:(?<plain>[\\p{L}_][\\p{L}\\p{M}\\p{N}_$]*)|\"(?<quoted>[\\p{L}\\p{M}\\p{N}_$ .:#-]+)\")");
    private static final String RULE =
            "must be a name of letters, digits, _ and $; a name with spaces, dots or dashes in double quotes";

    private Identifier() {}

    static List<String> parts(String field, String text, int most) {
        List<String> parts = new ArrayList<>();
        Matcher matcher = PART.matcher(text);
        int at = 0;
        while (matcher.find(at) && matcher.start() == at) {
            String plain = matcher.group("plain");
            String part = plain != null ? plain : matcher.group("quoted");
            if (part.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
                throw new InvalidValue(field, text, "each part must be at most 63 bytes long");
            }
            parts.add(part);
            at = matcher.end();
            if (at == text.length() || parts.size() == most) {
                break;
            }
            if (text.charAt(at) != '.' || at == text.length() - 1) {
                throw new InvalidValue(field, text, RULE);
            }
            at++;
        }
        if (parts.isEmpty() || at != text.length()) {
            throw new InvalidValue(field, text, RULE);
        }
        return parts;
    }

    static String written(String part) {
        return part.matches("[\\p{L}_][\\p{L}\\p{M}\\p{N}_$]*") ? part : '"' + part + '"';
    }
}
