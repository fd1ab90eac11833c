/** Tests of the checkpoint operations. */
package dev.upkeep.executor.operation.checkpoint;
