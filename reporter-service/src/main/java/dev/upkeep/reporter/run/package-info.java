/** Runs and the state of their targets. */
@NullMarked
package dev.upkeep.reporter.run;

import org.jspecify.annotations.NullMarked;
