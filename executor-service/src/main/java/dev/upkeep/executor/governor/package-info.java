/** The load governor: says when work must pause for the sake of the application. */
@NullMarked
package dev.upkeep.executor.governor;

import org.jspecify.annotations.NullMarked;
