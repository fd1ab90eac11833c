/** Encryption of files for keys of age, for backups and archives. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.executor.operation.encryption;
