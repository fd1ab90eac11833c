/** Tests of the package of the same name. */
@NullMarked
package dev.upkeep.scheduler.timetable;

import org.jspecify.annotations.NullMarked;
