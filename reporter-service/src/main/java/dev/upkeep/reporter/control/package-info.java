/** Pauses, blackouts and holds, which explain what would be alarming without them. */
@NullMarked
package dev.upkeep.reporter.control;

import org.jspecify.annotations.NullMarked;
