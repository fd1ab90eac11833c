/** When something fires: UNIX cron in a time zone, or a fixed interval. */
@NullMarked
package dev.upkeep.scheduler.timetable;

import org.jspecify.annotations.NullMarked;
