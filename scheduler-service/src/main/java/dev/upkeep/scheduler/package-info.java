/** The scheduler: policies and requests become runs, and runs become commands. */
@NullMarked
package dev.upkeep.scheduler;

import org.jspecify.annotations.NullMarked;
