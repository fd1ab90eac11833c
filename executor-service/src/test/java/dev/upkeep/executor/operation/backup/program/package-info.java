/** Tests of the programs beside the executor. */
@NullMarked
package dev.upkeep.executor.operation.backup.program;

import org.jspecify.annotations.NullMarked;
