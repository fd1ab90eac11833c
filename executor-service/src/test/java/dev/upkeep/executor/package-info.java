/** Tests of the executor's architecture. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.executor;
