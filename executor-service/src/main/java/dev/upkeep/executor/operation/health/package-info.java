/** Health checks: what is looked at on each engine, by which limits, and what the findings advise. */
@NullMarked
package dev.upkeep.executor.operation.health;

import org.jspecify.annotations.NullMarked;
