/** Programs beside the executor, such as pg_dump: how they are found, run without a shell, bounded and ended. */
@NullMarked
package dev.upkeep.executor.operation.backup.program;

import org.jspecify.annotations.NullMarked;
