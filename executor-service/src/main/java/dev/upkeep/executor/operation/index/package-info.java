/** Indexes: creates those of a list that are missing, and says which are of no use. */
@NullMarked
package dev.upkeep.executor.operation.index;

import org.jspecify.annotations.NullMarked;
