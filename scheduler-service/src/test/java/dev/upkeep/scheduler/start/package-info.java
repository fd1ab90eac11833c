/** Tests of the package of the same name. */
@NullMarked
package dev.upkeep.scheduler.start;

import org.jspecify.annotations.NullMarked;
