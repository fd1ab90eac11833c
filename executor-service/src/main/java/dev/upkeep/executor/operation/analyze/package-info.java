/** Renews the planner's statistics. */
@NullMarked
package dev.upkeep.executor.operation.analyze;

import org.jspecify.annotations.NullMarked;
