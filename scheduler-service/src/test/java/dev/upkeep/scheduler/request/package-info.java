/** Tests of the package of the same name. */
@NullMarked
package dev.upkeep.scheduler.request;

import org.jspecify.annotations.NullMarked;
