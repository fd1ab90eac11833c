/** Whether this service can do its work. */
@NullMarked
package dev.upkeep.reporter.health;

import org.jspecify.annotations.NullMarked;
