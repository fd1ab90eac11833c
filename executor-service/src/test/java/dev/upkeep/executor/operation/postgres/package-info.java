/** Tests against a real PostgreSQL. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.executor.operation.postgres;
