/** The topics, the records on them, and the one command that creates them. */
@NullMarked
package dev.upkeep.common.kafka;

import org.jspecify.annotations.NullMarked;
