/** Looks for damage in what a database holds. */
@NullMarked
package dev.upkeep.executor.operation.integrity;

import org.jspecify.annotations.NullMarked;
