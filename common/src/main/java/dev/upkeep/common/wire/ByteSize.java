package dev.upkeep.common.wire;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A size in bytes; read from a number or from a text such as {@code 64MiB}, {@code 1GB}, {@code 512}. */
public record ByteSize(@JsonValue long bytes) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,15})\\s*(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)?");

    public ByteSize {
        Check.between("size", bytes, 0, Long.MAX_VALUE);
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static ByteSize of(long bytes) {
        return new ByteSize(bytes);
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static ByteSize parse(String text) {
        Matcher matcher = FORM.matcher(Check.present("size", text).strip());
        if (!matcher.matches()) {
            throw new InvalidValue(
                    "size", text, "must be a number of bytes, or a number with kB, MB, GB, TB, KiB, MiB, GiB or TiB");
        }
        String unit = matcher.group(2) == null ? "B" : matcher.group(2);
        long base = unit.endsWith("iB") ? 1024 : 1000;
        int power = "BKMGT".indexOf(unit.toUpperCase(Locale.ROOT).charAt(0));
        try {
            long factor = 1;
            for (int i = 0; i < power; i++) {
                factor = Math.multiplyExact(factor, base);
            }
            return new ByteSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), factor));
        } catch (ArithmeticException e) {
            throw new InvalidValue("size", text, "is more than can be counted");
        }
    }
}
