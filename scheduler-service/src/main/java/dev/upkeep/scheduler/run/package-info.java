/** Runs: the frozen databases of a firing or request, how far each is, and what is sent next. */
@NullMarked
package dev.upkeep.scheduler.run;

import org.jspecify.annotations.NullMarked;
