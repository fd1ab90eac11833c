/** Measures sizes, row counts and the age of data. */
@NullMarked
package dev.upkeep.executor.operation.assess;

import org.jspecify.annotations.NullMarked;
