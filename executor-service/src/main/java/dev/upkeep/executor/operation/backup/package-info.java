/** Backups: taken, verified, listed in a catalogue only then, and expired with care. */
@NullMarked
package dev.upkeep.executor.operation.backup;

import org.jspecify.annotations.NullMarked;
