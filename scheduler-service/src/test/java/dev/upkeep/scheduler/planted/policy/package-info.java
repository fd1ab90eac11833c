/** Breaks a rule on purpose. */
@NullMarked
package dev.upkeep.scheduler.planted.policy;

import org.jspecify.annotations.NullMarked;
