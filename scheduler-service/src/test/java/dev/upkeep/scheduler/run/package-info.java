/** Tests of the package of the same name. */
@NullMarked
package dev.upkeep.scheduler.run;

import org.jspecify.annotations.NullMarked;
