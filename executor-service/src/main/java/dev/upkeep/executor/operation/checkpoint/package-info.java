/** Moves the pages of a SQLite file's write-ahead log into the file. */
@NullMarked
package dev.upkeep.executor.operation.checkpoint;

import org.jspecify.annotations.NullMarked;
