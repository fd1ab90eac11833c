/** Records that nobody could read. */
@NullMarked
package dev.upkeep.reporter.deadletter;

import org.jspecify.annotations.NullMarked;
