/** Rules that turn the state of the fleet into alerts. */
@NullMarked
package dev.upkeep.reporter.alert;

import org.jspecify.annotations.NullMarked;
