/** Which executors there are, what databases they care for, and which of them a selector means. */
@NullMarked
package dev.upkeep.scheduler.fleet;

import org.jspecify.annotations.NullMarked;
