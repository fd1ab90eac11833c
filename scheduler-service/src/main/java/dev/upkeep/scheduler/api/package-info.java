/** The REST API. */
@NullMarked
package dev.upkeep.scheduler.api;

import org.jspecify.annotations.NullMarked;
