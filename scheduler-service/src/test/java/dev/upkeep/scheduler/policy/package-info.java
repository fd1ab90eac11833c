/** Tests of the package of the same name. */
@NullMarked
package dev.upkeep.scheduler.policy;

import org.jspecify.annotations.NullMarked;
