/** Tests of the package of the same name. */
@NullMarked
package dev.upkeep.scheduler.fleet;

import org.jspecify.annotations.NullMarked;
