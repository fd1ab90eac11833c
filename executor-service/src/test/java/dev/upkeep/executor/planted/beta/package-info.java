/** A planted family that is known by another. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.executor.planted.beta;
