/** Stores of whole objects away from this host, for backups and archives: S3-compatible ones. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.executor.operation.store;
