/** Stands guard before and after a schema migration. */
@NullMarked
package dev.upkeep.executor.operation.migration;

import org.jspecify.annotations.NullMarked;
