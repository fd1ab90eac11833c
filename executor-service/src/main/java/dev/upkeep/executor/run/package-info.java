/** Carries commands out: whose turn it is, deadlines, retries, and the one catch. */
@NullMarked
package dev.upkeep.executor.run;

import org.jspecify.annotations.NullMarked;
