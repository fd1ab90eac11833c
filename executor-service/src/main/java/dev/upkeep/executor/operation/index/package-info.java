/** The indexes that a list asks for: creates those that are missing. */
@NullMarked
package dev.upkeep.executor.operation.index;

import org.jspecify.annotations.NullMarked;
