/** The wire format: strict JSON for every message, and the text forms of durations, instants and enums. */
@NullMarked
package dev.upkeep.common.wire;

import org.jspecify.annotations.NullMarked;
