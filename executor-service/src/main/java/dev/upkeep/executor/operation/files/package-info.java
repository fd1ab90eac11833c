/** Payload files that belong to rows: those that no row refers to go into quarantine, and come back from there. */
@NullMarked
package dev.upkeep.executor.operation.files;

import org.jspecify.annotations.NullMarked;
