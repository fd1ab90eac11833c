/** Results of commands, and how each task last ended on each database. */
@NullMarked
package dev.upkeep.reporter.result;

import org.jspecify.annotations.NullMarked;
