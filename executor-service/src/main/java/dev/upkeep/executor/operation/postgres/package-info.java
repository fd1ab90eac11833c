/** What the operations on PostgreSQL share: sessions that can be broken off, and names as the catalogue has them. */
@NullMarked
package dev.upkeep.executor.operation.postgres;

import org.jspecify.annotations.NullMarked;
