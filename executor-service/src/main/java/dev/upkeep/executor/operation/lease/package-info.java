/** Leases of task queues that have run out. */
@NullMarked
package dev.upkeep.executor.operation.lease;

import org.jspecify.annotations.NullMarked;
