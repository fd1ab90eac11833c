/** Puts the service together from its configuration, and starts and stops its threads. */
@NullMarked
package dev.upkeep.scheduler.start;

import org.jspecify.annotations.NullMarked;
