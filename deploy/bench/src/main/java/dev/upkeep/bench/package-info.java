/** The way in to the benchmarks: {@code deploy/bench/run <name>}. */
@NullMarked
package dev.upkeep.bench;

import org.jspecify.annotations.NullMarked;
