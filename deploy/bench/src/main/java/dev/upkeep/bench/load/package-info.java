/** What benchmarks run: the packaged executor, and an application beside it. */
@NullMarked
package dev.upkeep.bench.load;

import org.jspecify.annotations.NullMarked;
