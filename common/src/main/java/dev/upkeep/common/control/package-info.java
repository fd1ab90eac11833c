/** Pauses, blackouts and holds: who stopped what, why, and until when. */
@NullMarked
package dev.upkeep.common.control;

import org.jspecify.annotations.NullMarked;
