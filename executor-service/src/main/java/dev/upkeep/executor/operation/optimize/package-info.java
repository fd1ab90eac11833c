/** Puts a database in good order in one go. */
@NullMarked
package dev.upkeep.executor.operation.optimize;

import org.jspecify.annotations.NullMarked;
