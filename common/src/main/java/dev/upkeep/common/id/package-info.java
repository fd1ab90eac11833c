/** The names of things: text types that check themselves, so that a bad or hostile name cannot be built. */
@NullMarked
package dev.upkeep.common.id;

import org.jspecify.annotations.NullMarked;
