package dev.upkeep.scheduler.timetable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Firings against tables that were worked out by hand from the zones' published rules: Berlin changes 2025-03-30 01:00Z and
 * 2025-10-26 01:00Z, New York 2025-03-09 07:00Z and 2025-11-02 06:00Z, Lord Howe by half an hour 2025-04-05 15:00Z and
 * 2025-10-04 15:30Z; Kolkata and UTC never.
 */
class CronTimetableTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # a plain day
            0 2 * * *    | UTC              | 2026-11-20T10:00:00Z | 2026-11-21T02:00:00Z 2026-11-22T02:00:00Z
            30 1 * * *   | Asia/Kolkata     | 2026-11-20T00:00:00Z | 2026-11-20T20:00:00Z 2026-11-21T20:00:00Z
            # Berlin, spring: 02:30 does not exist on the 30th, so it fires at the end of the gap, 03:00 local
            30 2 * * *   | Europe/Berlin    | 2025-03-28T12:00:00Z | 2025-03-29T01:30:00Z 2025-03-30T01:00:00Z 2025-03-31T00:30:00Z
            # one firing, not two, when the gap holds two named times
            0,30 2 * * * | Europe/Berlin    | 2025-03-29T12:00:00Z | 2025-03-30T01:00:00Z 2025-03-31T00:00:00Z 2025-03-31T00:30:00Z
            # and 03:00 itself is the same instant
            0 2,3 * * *  | Europe/Berlin    | 2025-03-29T12:00:00Z | 2025-03-30T01:00:00Z 2025-03-31T00:00:00Z 2025-03-31T01:00:00Z
            # Berlin, autumn: 02:30 exists twice on the 26th, the first one counts
            30 2 * * *   | Europe/Berlin    | 2025-10-25T12:00:00Z | 2025-10-26T00:30:00Z 2025-10-27T01:30:00Z
            # asked between the two, the next is tomorrow's
            30 2 * * *   | Europe/Berlin    | 2025-10-26T01:00:00Z | 2025-10-27T01:30:00Z
            # every hour follows the time that passes: no hour left out, none doubled
            0 * * * *    | Europe/Berlin    | 2025-10-25T23:30:00Z | 2025-10-26T00:00:00Z 2025-10-26T01:00:00Z 2025-10-26T02:00:00Z
            0 * * * *    | Europe/Berlin    | 2025-03-29T23:30:00Z | 2025-03-30T00:00:00Z 2025-03-30T01:00:00Z 2025-03-30T02:00:00Z
            */30 * * * * | Europe/Berlin    | 2025-03-30T00:15:00Z | 2025-03-30T00:30:00Z 2025-03-30T01:00:00Z 2025-03-30T01:30:00Z
            # New York
            30 2 * * *   | America/New_York | 2025-03-08T12:00:00Z | 2025-03-09T07:00:00Z 2025-03-10T06:30:00Z
            30 1 * * *   | America/New_York | 2025-11-01T12:00:00Z | 2025-11-02T05:30:00Z 2025-11-03T06:30:00Z
            # Lord Howe moves by half an hour: 01:45 exists twice in April, 02:15 not in October
            45 1 * * *   | Australia/Lord_Howe | 2025-04-05T00:00:00Z | 2025-04-05T14:45:00Z 2025-04-06T15:15:00Z
            15 2 * * *   | Australia/Lord_Howe | 2025-10-04T00:00:00Z | 2025-10-04T15:30:00Z 2025-10-05T15:15:00Z
            # Lord Howe every quarter of an hour: the repeated half hour is passed twice, the missing one not at all
            */15 * * * * | Australia/Lord_Howe | 2025-04-05T14:40:00Z | 2025-04-05T14:45:00Z 2025-04-05T15:00:00Z 2025-04-05T15:15:00Z 2025-04-05T15:30:00Z
            */15 * * * * | Australia/Lord_Howe | 2025-10-04T15:20:00Z | 2025-10-04T15:30:00Z 2025-10-04T15:45:00Z
            # Santiago and Beirut change at midnight: that day has no 00:00, and 00:00 fires at 01:00 local
            0 0 * * *    | America/Santiago | 2025-09-06T12:00:00Z | 2025-09-07T04:00:00Z 2025-09-08T03:00:00Z
            # back at midnight: Santiago's 23:30 of the 5th of April 2025 exists twice, the first one counts
            30 23 * * *  | America/Santiago | 2025-04-05T12:00:00Z | 2025-04-06T02:30:00Z 2025-04-07T03:30:00Z
            # Auckland, both ways: 02:30 exists twice on the 6th of April 2025, and not on the 28th of September
            30 2 * * *   | Pacific/Auckland | 2025-04-05T00:00:00Z | 2025-04-05T13:30:00Z 2025-04-06T14:30:00Z
            30 2 * * *   | Pacific/Auckland | 2025-09-27T00:00:00Z | 2025-09-27T14:00:00Z 2025-09-28T13:30:00Z
            0 0 * * *    | Asia/Beirut      | 2025-03-29T12:00:00Z | 2025-03-29T22:00:00Z 2025-03-30T21:00:00Z
            # Casablanca goes back for Ramadan and forward after it: 2025-02-23 02:00Z and 2025-04-06 02:00Z
            30 2 * * *   | Africa/Casablanca | 2025-02-22T12:00:00Z | 2025-02-23T01:30:00Z 2025-02-24T02:30:00Z
            30 2 * * *   | Africa/Casablanca | 2025-04-05T12:00:00Z | 2025-04-06T02:00:00Z 2025-04-07T01:30:00Z
            # Moscow gave up changing in 2014: the same hour in summer and in winter
            0 3 1 1,7 *  | Europe/Moscow    | 2024-12-01T00:00:00Z | 2025-01-01T00:00:00Z 2025-07-01T00:00:00Z
            # Apia left out the 30th of December 2011: its 02:00 fires when the 31st begins
            0 2 * * *    | Pacific/Apia     | 2011-12-29T00:00:00Z | 2011-12-29T12:00:00Z 2011-12-30T10:00:00Z 2011-12-30T12:00:00Z
            # the last day of February in a leap year, and the first of March
            0 23 28,29 2 * | UTC            | 2028-02-28T00:00:00Z | 2028-02-28T23:00:00Z 2028-02-29T23:00:00Z 2029-02-28T23:00:00Z
            # leap day, and years that have none
            0 0 29 2 *   | UTC              | 2023-01-01T00:00:00Z | 2024-02-29T00:00:00Z 2028-02-29T00:00:00Z
            # year change
            59 23 31 12 * | UTC             | 2025-01-01T00:00:00Z | 2025-12-31T23:59:00Z 2026-12-31T23:59:00Z
            0 0 1 1 *    | Pacific/Auckland | 2025-06-01T00:00:00Z | 2025-12-31T11:00:00Z 2026-12-31T11:00:00Z
            # the 31st is in seven months of the year
            0 12 31 * *  | UTC              | 2026-01-31T12:00:00Z | 2026-03-31T12:00:00Z 2026-05-31T12:00:00Z
            # day of month and day of week together: either, as cron has always had it
            0 6 13 * 5   | UTC              | 2026-11-01T00:00:00Z | 2026-11-06T06:00:00Z 2026-11-13T06:00:00Z 2026-11-20T06:00:00Z
            # Sunday is 0, 7 and SUN
            0 2 * * 0    | UTC              | 2026-11-20T00:00:00Z | 2026-11-22T02:00:00Z 2026-11-29T02:00:00Z
            0 2 * * 7    | UTC              | 2026-11-20T00:00:00Z | 2026-11-22T02:00:00Z 2026-11-29T02:00:00Z
            0 2 * * SUN  | UTC              | 2026-11-20T00:00:00Z | 2026-11-22T02:00:00Z 2026-11-29T02:00:00Z
            15-45/15 9-10 * * 1-5 | UTC     | 2026-11-20T10:20:00Z | 2026-11-20T10:30:00Z 2026-11-20T10:45:00Z 2026-11-23T09:15:00Z
            """)
    void firesAsTheTableSays(String cron, String zone, String after, String expected) {
        List<Instant> firings =
                Arrays.stream(expected.split(" ", -1)).map(Instant::parse).toList();

        List<Instant> found = CronTimetable.of(cron, ZoneId.of(zone)).upcoming(Instant.parse(after), firings.size());

        assertThat(found).isEqualTo(firings);
    }

    /**
     * A walk through every minute of a year, which knows a zone only as an offset at each instant: a named time fires when a
     * clock on the wall shows it for the first time, or jumps over it; {@code *} for the hour fires whenever the clock shows it.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "UTC",
                "Europe/Berlin",
                "America/New_York",
                "America/Santiago",
                "Australia/Lord_Howe",
                "Pacific/Auckland",
                "Africa/Casablanca",
                "Asia/Kolkata",
                "Pacific/Chatham"
            })
    void firesAsAClockOnTheWallWouldTell(String zone) {
        Instant start = Instant.parse("2024-12-31T12:00:00Z");
        Instant end = Instant.parse("2026-01-01T12:00:00Z");
        long[] wall = new long[(int) Duration.between(start, end).toMinutes()];
        for (int minute = 0; minute < wall.length; minute++) {
            Instant at = start.plusSeconds(60L * minute);
            int offset = ZoneId.of(zone).getRules().getOffset(at).getTotalSeconds();
            wall[minute] = Math.floorDiv(at.getEpochSecond() + offset, 60L);
        }
        for (WallCron cron : List.of(
                new WallCron(30, Set.of(2)),
                new WallCron(0, Set.of(0)),
                new WallCron(45, Set.of(1, 3)),
                new WallCron(15, Set.of(2, 23)),
                new WallCron(20, Set.of()))) {
            List<Instant> expected = cron.walk(wall, start);

            List<Instant> found = new ArrayList<>();
            CronTimetable timetable = CronTimetable.of(cron.expression(), ZoneId.of(zone));
            Optional<Instant> next = timetable.next(start.minusSeconds(1));
            while (next.isPresent() && next.get().isBefore(end)) {
                found.add(next.get());
                next = timetable.next(next.get());
            }

            assertThat(found).as(cron.expression() + " in " + zone).isEqualTo(expected);
        }
    }

    /**
     * A minute at some hours, or at every hour if none is named.
     *
     * @param hours that are named
     */
    private record WallCron(int minute, Set<Integer> hours) {
        String expression() {
            String named = hours.stream().sorted().map(String::valueOf).collect(Collectors.joining(","));
            return minute + " " + (named.isEmpty() ? "*" : named) + " * * *";
        }

        /**
         * The firings.
         *
         * @param wall the minutes since 1970 that the clock shows, for each minute since the start
         */
        List<Instant> walk(long[] wall, Instant start) {
            List<Instant> firings = new ArrayList<>();
            long shownUntil = wall[0] - 1;
            for (int at = 0; at < wall.length; at++) {
                boolean fires = hours.isEmpty() && Math.floorMod(wall[at], 60) == minute;
                for (long shown = shownUntil + 1; shown <= wall[at] && !hours.isEmpty(); shown++) {
                    fires |= Math.floorMod(shown, 60) == minute
                            && hours.contains(Math.floorMod(Math.floorDiv(shown, 60L), 24));
                }
                if (fires) {
                    firings.add(start.plusSeconds(60L * at));
                }
                shownUntil = Math.max(shownUntil, wall[at]);
            }
            return firings;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "* * * *",
                "* * * * * *",
                "60 * * * *",
                "* 24 * * *",
                "* * 0 * *",
                "* * * 13 *",
                "* * * * 8",
                "0 0 30 2 *",
                "a b c d e",
                "@daily",
                "*/0 * * * *",
                "5-1 * * * *"
            })
    void refusesWhatIsNoCronOrNeverFires(String cron) {
        assertThatThrownBy(() -> CronTimetable.of(cron, ZoneId.of("UTC")))
                .isInstanceOf(InvalidValue.class)
                .hasMessageStartingWith("cron: ");
    }

    @Test
    void saysHowManyFiringsWereMissedAndWhichWasTheLast() {
        CronTimetable timetable = CronTimetable.of("0 * * * *", ZoneId.of("UTC"));

        assertThat(timetable.elapsed(Instant.parse("2026-11-21T00:00:00Z"), Instant.parse("2026-11-21T05:59:00Z")))
                .contains(new Timetable.Elapsed(Instant.parse("2026-11-21T05:00:00Z"), 5));
        assertThat(timetable.elapsed(Instant.parse("2026-11-21T05:00:00Z"), Instant.parse("2026-11-21T05:59:00Z")))
                .isEmpty();
    }
}
