/** A health check of PostgreSQL against Debian's tools that look at the same. */
@NullMarked
package dev.upkeep.bench.health;

import org.jspecify.annotations.NullMarked;
