/** Takes commands from this executor's lane into the journal: reading, the admission decision, and only then the acknowledgement. */
@NullMarked
package dev.upkeep.executor.intake;

import org.jspecify.annotations.NullMarked;
