/** Keeps tables that are partitioned by time in order. */
@NullMarked
package dev.upkeep.executor.operation.partitions;

import org.jspecify.annotations.NullMarked;
