/** Executors and databases as the executors state them. */
@NullMarked
package dev.upkeep.reporter.fleet;

import org.jspecify.annotations.NullMarked;
