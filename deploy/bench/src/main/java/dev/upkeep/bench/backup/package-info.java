/** Backups by Upkeep against the plain tools that write the same. */
@NullMarked
package dev.upkeep.bench.backup;

import org.jspecify.annotations.NullMarked;
