/** Tests of the vacuum operations. */
package dev.upkeep.executor.operation.vacuum;
