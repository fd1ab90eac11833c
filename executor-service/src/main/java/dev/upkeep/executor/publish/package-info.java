/** Brings results and dead letters from the journal to the broker until it has them, and progress as well as it goes. */
@NullMarked
package dev.upkeep.executor.publish;

import org.jspecify.annotations.NullMarked;
