/** Pauses, blackouts and holds, and what they forbid. */
@NullMarked
package dev.upkeep.scheduler.control;

import org.jspecify.annotations.NullMarked;
