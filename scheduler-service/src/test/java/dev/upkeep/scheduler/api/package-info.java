/** Tests of the package of the same name. */
@NullMarked
package dev.upkeep.scheduler.api;

import org.jspecify.annotations.NullMarked;
