package dev.upkeep.common.request;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.upkeep.common.Check;
import java.util.regex.Pattern;

/** A pattern over names: {@code *} stands for any characters, {@code ?} for one, all else for itself. */
public record Glob(@JsonValue String text) {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._/*?-]{1,128}");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Glob {
        Check.text("pattern", text, FORM, "must be 1 to 128 letters, digits, . _ / - with * and ?");
    }

    /** Whether the whole name fits. Never worse than the product of both lengths. */
    public boolean matches(String name) {
        int n = 0;
        int p = 0;
        int star = -1;
        int mark = 0;
        while (n < name.length()) {
            if (p < text.length() && text.charAt(p) == '*') {
                star = p++;
                mark = n;
            } else if (p < text.length() && (text.charAt(p) == '?' || text.charAt(p) == name.charAt(n))) {
                p++;
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++mark;
            } else {
                return false;
            }
        }
        while (p < text.length() && text.charAt(p) == '*') {
            p++;
        }
        return p == text.length();
    }

    @Override
    public String toString() {
        return text;
    }
}
