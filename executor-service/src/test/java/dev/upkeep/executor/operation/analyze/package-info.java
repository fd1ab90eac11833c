/** Tests of the analyze operations. */
package dev.upkeep.executor.operation.analyze;
