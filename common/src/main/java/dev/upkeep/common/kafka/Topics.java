package dev.upkeep.common.kafka;

import dev.upkeep.common.Check;
import java.util.regex.Pattern;

/** The names of the topics: a prefix, {@code upkeep.} by default, and each topic's own word. */
public record Topics(String prefix) {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}[.-]");

    /** The names that DESIGN.md uses. */
    public static final Topics DEFAULT = new Topics("upkeep.");

    public Topics {
        Check.text(
                "topic-prefix",
                prefix,
                FORM,
                "must be letters, digits, dots, dashes or underscores, ending in a dot or dash");
    }

    /** A topic's full name. */
    public String name(Topic topic) {
        return prefix + topic.suffix();
    }
}
