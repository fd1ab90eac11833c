/** Lets go of history that is old enough. */
@NullMarked
package dev.upkeep.reporter.retention;

import org.jspecify.annotations.NullMarked;
