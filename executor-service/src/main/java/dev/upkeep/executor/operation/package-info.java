/** What an operation is: one task on one engine, and what the runner gives it and gets back. */
@NullMarked
package dev.upkeep.executor.operation;

import org.jspecify.annotations.NullMarked;
