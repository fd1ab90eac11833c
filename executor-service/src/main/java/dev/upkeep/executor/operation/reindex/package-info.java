/** Builds indexes anew. */
@NullMarked
package dev.upkeep.executor.operation.reindex;

import org.jspecify.annotations.NullMarked;
