/** Tests of the care for indexes. */
package dev.upkeep.executor.operation.index;
