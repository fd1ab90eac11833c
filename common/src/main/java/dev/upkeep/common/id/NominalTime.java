package dev.upkeep.common.id;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The nominal time of a firing as ids carry it: UTC, to the minute, or to the second when it has seconds. */
final class NominalTime {
    private static final DateTimeFormatter MINUTES =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    private NominalTime() {}

    static String text(Instant time) {
        return (time.getEpochSecond() % 60 == 0 ? MINUTES : SECONDS).format(time);
    }
}
