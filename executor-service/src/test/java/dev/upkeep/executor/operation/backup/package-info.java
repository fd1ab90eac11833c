/** Tests of backups on real PostgreSQL and real SQLite. */
@NullMarked
package dev.upkeep.executor.operation.backup;

import org.jspecify.annotations.NullMarked;
