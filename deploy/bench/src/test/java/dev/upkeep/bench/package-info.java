/** Tests of the benchmarks as a whole. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.bench;
