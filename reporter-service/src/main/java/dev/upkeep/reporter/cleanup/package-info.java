/** How long purges keep the rows of each table, as their results say. */
@NullMarked
package dev.upkeep.reporter.cleanup;

import org.jspecify.annotations.NullMarked;
