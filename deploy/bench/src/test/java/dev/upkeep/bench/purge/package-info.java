/** The purge benchmark runs, in small. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.bench.purge;
