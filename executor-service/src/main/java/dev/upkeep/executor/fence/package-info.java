/** Keeps two executors that claim one database apart: an advisory lock in PostgreSQL, a lock file beside a SQLite file. */
@NullMarked
package dev.upkeep.executor.fence;

import org.jspecify.annotations.NullMarked;
