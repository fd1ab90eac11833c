/** Topics into history: one transaction per batch, places in topics included. */
@NullMarked
package dev.upkeep.reporter.intake;

import org.jspecify.annotations.NullMarked;
