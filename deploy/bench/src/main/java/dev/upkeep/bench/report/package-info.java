/** What benchmarks share: options, latencies, and tables whose figures have ratios against named alternatives. */
@NullMarked
package dev.upkeep.bench.report;

import org.jspecify.annotations.NullMarked;
