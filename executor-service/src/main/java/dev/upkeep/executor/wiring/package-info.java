/** Puts the executor together from its parts and its configuration, and starts and stops it. */
@NullMarked
package dev.upkeep.executor.wiring;

import org.jspecify.annotations.NullMarked;
