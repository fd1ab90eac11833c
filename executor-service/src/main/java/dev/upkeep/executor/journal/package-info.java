/** The executor's memory on disk: commands, their steps and cursors, and what is still to be published; durable before any effect. */
@NullMarked
package dev.upkeep.executor.journal;

import org.jspecify.annotations.NullMarked;
