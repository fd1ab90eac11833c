/** Tests of what benchmarks share. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.bench.report;
