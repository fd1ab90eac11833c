/** Tests of purges, by one contract on both engines. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.executor.operation.purge;
