/** Tests of the assess operations. */
package dev.upkeep.executor.operation.assess;
