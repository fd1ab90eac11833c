/** What the scheduler says of itself in figures. */
@NullMarked
package dev.upkeep.scheduler.metric;

import org.jspecify.annotations.NullMarked;
