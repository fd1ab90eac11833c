/** Gives tables the storage parameters that are configured for them. */
@NullMarked
package dev.upkeep.executor.operation.autovacuum;

import org.jspecify.annotations.NullMarked;
