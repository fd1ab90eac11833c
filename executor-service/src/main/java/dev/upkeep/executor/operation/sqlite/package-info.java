/** What the operations on SQLite files share: sessions that can be broken off, patience with locks, and what the file holds. */
@NullMarked
package dev.upkeep.executor.operation.sqlite;

import org.jspecify.annotations.NullMarked;
