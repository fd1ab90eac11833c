/** Tests of the operations of this package. */
package dev.upkeep.executor.operation.index;
