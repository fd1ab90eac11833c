/** Backups as results tell of them: state, age, size, and whether they are still there. */
@NullMarked
package dev.upkeep.reporter.backup;

import org.jspecify.annotations.NullMarked;
