package dev.upkeep.scheduler.leader;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * The instant up to which all firings are decided, kept as the metadata of the committed offset of the requests. It never goes
 * back, whatever the clock does.
 */
final class Watermark {
    private static final String PREFIX = "decided=";

    private Instant decided;

    private Watermark(Instant decided) {
        this.decided = decided;
    }

    /** As committed; a group that never committed one starts now. */
    static Watermark of(Optional<String> metadata, Instant now) {
        try {
            return new Watermark(metadata.filter(text -> text.startsWith(PREFIX))
                    .map(text -> Instant.parse(text.substring(PREFIX.length())))
                    .orElse(now));
        } catch (DateTimeException e) {
            return new Watermark(now);
        }
    }

    Instant decided() {
        return decided;
    }

    void advance(Instant until) {
        if (until.isAfter(decided)) {
            decided = until;
        }
    }

    String metadata() {
        return PREFIX + decided;
    }
}
