/** Makes the space of deleted rows reusable or gives it back. */
@NullMarked
package dev.upkeep.executor.operation.vacuum;

import org.jspecify.annotations.NullMarked;
