/** Tests against real databases. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.executor.operation.partitions;
