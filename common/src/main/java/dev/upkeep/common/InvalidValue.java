package dev.upkeep.common;

import org.jspecify.annotations.Nullable;

/** A value that breaks a rule of its type. The message names field, value and rule; the value is shortened and made printable. */
public final class InvalidValue extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 120;

    public InvalidValue(String field, @Nullable String value, String rule) {
        super(field + ": " + shown(String.valueOf(value)) + " (" + rule + ")");
    }

    /** The text as one printable line of bounded length: control characters, bidirectional marks among them, become {@code ?}. */
    public static String shown(String text) {
        String cut = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
        return cut.codePoints()
                .map(c -> isPrintable(c) ? c : '?')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean isPrintable(int c) {
        int type = Character.getType(c);
        return !Character.isISOControl(c)
                && type != Character.FORMAT
                && type != Character.SURROGATE
                && type != Character.LINE_SEPARATOR
                && type != Character.PARAGRAPH_SEPARATOR;
    }
}
