/** Tests of the package of the same name. */
@NullMarked
package dev.upkeep.scheduler.firing;

import org.jspecify.annotations.NullMarked;
