/** Which policies are due, and the runs that come of it. */
@NullMarked
package dev.upkeep.scheduler.firing;

import org.jspecify.annotations.NullMarked;
