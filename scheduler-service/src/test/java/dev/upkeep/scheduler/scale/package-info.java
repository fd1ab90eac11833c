/** What the scheduler costs as the fleet grows: programs to be run by hand, and a small proof that runs with the tests. */
@NullMarked
package dev.upkeep.scheduler.scale;

import org.jspecify.annotations.NullMarked;
