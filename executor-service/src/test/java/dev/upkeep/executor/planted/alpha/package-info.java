/** A planted family that knows another. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.executor.planted.alpha;
