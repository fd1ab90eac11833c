/** Requests from the bus and the verdict on each. */
@NullMarked
package dev.upkeep.scheduler.request;

import org.jspecify.annotations.NullMarked;
