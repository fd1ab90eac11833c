/** Ends sessions that idle and statements that run too long, and never those that are protected. */
@NullMarked
package dev.upkeep.executor.operation.sessions;

import org.jspecify.annotations.NullMarked;
