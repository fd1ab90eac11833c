/** The state of runs: the verdict on a request, the frozen targets, and how each one ended. */
@NullMarked
package dev.upkeep.common.run;

import org.jspecify.annotations.NullMarked;
