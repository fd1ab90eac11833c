/** Purges: deleting rows past their retention with all that depends on them, archived first, in small batches. */
@NullMarked
package dev.upkeep.executor.operation.purge;

import org.jspecify.annotations.NullMarked;
